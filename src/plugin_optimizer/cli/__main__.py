"""`python -m plugin_optimizer.cli …`."""

from . import main

main(prog_name="plugin-optimizer")
