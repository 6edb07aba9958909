"""Asks one of the firms outside and waits for the answer."""

import os
import socket

PARTNERS_VARIABLE = "PLUGIN_OPTIMIZER_DEMO_PARTNERS"
ANSWER_SECONDS = 10.0


def ask(kind: str, text: str) -> str:
    """Return the answer, a line. Raises OSError when the partner is away or silent for too long."""
    host, _, port = os.environ[PARTNERS_VARIABLE].rpartition(":")
    with socket.create_connection((host, int(port)), timeout=ANSWER_SECONDS) as connection:
        connection.sendall(f"{kind} {text}\n".encode())
        with connection.makefile("r", encoding="utf-8") as answers:
            return answers.readline().strip()
