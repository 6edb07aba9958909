"""`python -m plugin_optimizer.web.preview`: see `worker`."""

from .worker import main

if __name__ == "__main__":
    main()
