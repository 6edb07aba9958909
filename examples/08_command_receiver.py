#!/usr/bin/env python3
"""A command of your own that the optimizer reads and turns: JSON on its standard input and output, no server, any language.

Here it stands for a worker pool that reads its settings from a JSON file. The protocol is docs/WEBHOOK.md. In the configuration:

    [plugins.mailer]
    touchpoint = "command"
    command = ["/usr/bin/python3", "/opt/mailer/08_command_receiver.py", "/etc/mailer.json"]

Try it: `echo '{"version": 1, "operation": "read", "plugin": "mailer"}' | python3 08_command_receiver.py mailer.json`
"""

import json
import sys
from pathlib import Path

EX_UNAVAILABLE, EX_NOPERM = 69, 77  # sysexits.h: it does not run; it is declined and nothing happened


def main() -> int:
    file, question = Path(sys.argv[1]), json.load(sys.stdin)
    if not file.exists():
        print(f"{file} does not exist", file=sys.stderr)
        return EX_UNAVAILABLE
    size = json.loads(file.read_text())["pool_size"]
    if question["operation"] == "read":
        print(json.dumps({"version": 1, "knobs": [knob(size)], "metrics": {"workers": size}}))
    elif question["operation"] == "turn" and question["seen"] != size:
        print(json.dumps({"refused": f"it runs with {size} by now"}))
        return EX_NOPERM
    elif question["operation"] == "turn":  # an order that comes twice finds the value moved, and is declined above
        draft = file.with_suffix(".new")
        draft.write_text(json.dumps({"pool_size": question["to"]}))
        draft.replace(file)
    return 0  # what stands in the file lasts: there is nothing more to do to keep it


def knob(size: int) -> dict[str, object]:
    """`kept` is what it would come back with: the file's value, too."""
    return {"name": "pool_size", "type": "integer", "value": size, "minimum": 1, "maximum": 64, "kept": size}


if __name__ == "__main__":
    sys.exit(main())
