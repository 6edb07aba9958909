"""Runs the supervisor over some of the services with a small HTTP server in the engine's place.

Arguments: DIRECTORY API_PORT PORTS_FILE answers|silent SERVICE…
"""

import json
import sys
from dataclasses import asdict
from functools import partial
from pathlib import Path

from plugin_optimizer.demo import deployment, supervisor
from plugin_optimizer.demo.answers import Endpoint
from plugin_optimizer.demo.child import Child
from plugin_optimizer.demo.commands import Commands, Ports
from plugin_optimizer.demo.layout import Layout
from plugin_optimizer.demo.roster import SERVICES

SERVER = """
import http.server, sys
class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers(); self.wfile.write(b"{}")
http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Answer).serve_forever()
"""
SERVERS = {"answers": SERVER, "silent": "import time; time.sleep(600)"}


class SmallServerCommands(Commands):
    """Everything of the demo but the engine."""

    def server(self) -> Child:
        whole = super().server()
        whole.command = (sys.executable, "-c", SERVERS[sys.argv[4]], str(self.ports.api))
        return whole


def main() -> int:
    directory, port, ports_file, _, *names = sys.argv[1:]
    layout = Layout(Path(directory))
    services = tuple(service for service in SERVICES if service.name in names)
    layout.create(tuple(names))
    deployment.prepare(layout.pricing) if "inventory" in names else None
    ports = Ports.choose(int(port), names)
    Path(ports_file).write_text(json.dumps(asdict(ports)))
    return supervisor.Supervisor(
        SmallServerCommands(layout, ports, seed=1),
        services,
        Endpoint("127.0.0.1", int(port), "/"),
        "welcome",
        partial(print, flush=True),
    ).run()


if __name__ == "__main__":
    sys.exit(main())
