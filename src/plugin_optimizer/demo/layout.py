"""Where the demo keeps its files."""

import hashlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

SOCKET_PATH_BYTES = 100  # the kernel takes 107 bytes for the path of a Unix socket


@dataclass(frozen=True, slots=True)
class Layout:
    """The files below one directory. Two demos may run side by side in two directories."""

    directory: Path

    @property
    def home(self) -> Path:
        """Where the probes of the services and the engine meet."""
        return self.directory / "home"

    @property
    def state(self) -> Path:
        return self.directory / "state"

    @property
    def state_file(self) -> Path:
        """Where the engine keeps its state, and finds its users and tokens."""
        return self.state / "state.db"

    @property
    def config(self) -> Path:
        return self.directory / "config.toml"

    @property
    def credentials(self) -> Path:
        return self.directory / "credentials.json"

    @property
    def lock(self) -> Path:
        return self.directory / "demo.lock"

    @property
    def load_plan(self) -> Path:
        return self.directory / "load-plan.json"

    @property
    def load(self) -> Path:
        return self.directory / "load.json"

    @property
    def pricing(self) -> Path:
        return self.directory / "services" / "inventory" / "pricing.toml"

    def gunicorn_config(self, service: str) -> Path:
        return self.directory / "services" / service / "gunicorn.conf.py"

    def log(self, part: str) -> Path:
        return self.directory / "logs" / f"{part}.log"

    def control_socket(self, service: str) -> Path:
        """Return a path short enough for a Unix socket, below the directory where that is possible."""
        path = self.directory / "run" / f"{service}.ctl"
        if len(os.fsencode(path)) <= SOCKET_PATH_BYTES:
            return path
        name = hashlib.blake2b(os.fsencode(self.directory), digest_size=6).hexdigest()
        return Path(tempfile.gettempdir()) / f"plugin-optimizer-{os.getuid()}-{name}" / f"{service}.ctl"

    def create(self, services: tuple[str, ...]) -> None:
        """Make the folders; those that hold secrets or sockets are for the owner alone."""
        for folder in (self.directory, self.home, self.state):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.log("any").parent.mkdir(exist_ok=True)
        for service in services:
            self.gunicorn_config(service).parent.mkdir(parents=True, exist_ok=True)
            self.control_socket(service).parent.mkdir(exist_ok=True, mode=0o700)


def default_directory() -> Path:
    """Return `var/demo` inside a checkout of this product, else a place in the user's state folder."""
    here = Path.cwd()
    if (here / "src" / "plugin_optimizer" / "demo").is_dir():
        return here / "var" / "demo"
    base = os.environ.get("XDG_STATE_HOME") or "~/.local/state"
    return Path(base).expanduser() / "plugin-optimizer" / "demo"
