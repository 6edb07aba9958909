"""`plugin-optimizer demo`: a back office with real faults, the load, the engine and the dashboard, on this machine."""

import fcntl
import importlib.util
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import click

from . import deployment
from .answers import Endpoint
from .commands import Commands, Ports
from .credentials import Credentials, renew_credentials, write_credentials
from .engine_config import engine_config
from .layout import Layout, default_directory
from .ports import refusal
from .roster import SERVICES
from .supervisor import HEALTH_PATH, Supervisor, clear_floor

NAMES = tuple(service.name for service in SERVICES)


@click.command("demo")
@click.option("--host", default="127.0.0.1", show_default=True, help="Where the API and the dashboard listen.")
@click.option("--port", default=5000, show_default=True, type=click.IntRange(1, 65_535), help="Their port.")
@click.option(
    "--directory",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where everything is kept.  [default: var/demo in a checkout, else the user's state folder]",
)
@click.option(
    "--duration",
    default=7200.0,
    show_default=True,
    type=click.FloatRange(10, 86_400),
    help="Stop by itself after so many seconds.",
)
@click.option("--fresh", is_flag=True, help="Forget what earlier starts have learnt and tuned.")
@click.option("--seed", default=1, show_default=True, help="Chooses the traffic.")
def demo(host: str, port: int, directory: Path | None, duration: float, fresh: bool, seed: int) -> None:
    """Run a small back office of seven plugin services and watch the engine find what is wrong with six of them."""
    layout = Layout((directory or default_directory()).absolute())
    check_parts()
    with only_demo(layout):
        clear_floor(layout.directory, say)  # what an earlier demo left may hold the port
        check_port(host, port)
        if fresh:
            forget(layout)
        layout.create(NAMES)
        ports = Ports.choose(port, NAMES)
        credentials = prepare(layout, ports, host)
        supervisor = Supervisor(
            commands=Commands(layout, ports, seed),
            services=SERVICES,
            api=Endpoint(reachable(host), port, HEALTH_PATH),
            welcome=welcome(credentials, layout),
            say=say,
            duration_seconds=duration,
        )
        code = supervisor.run()
    sys.exit(code)


def say(text: str) -> None:
    """Print at once, also through a pipe; who closed the terminal does not keep us from stopping in order."""
    with suppress(OSError):
        click.echo(text)
        sys.stdout.flush()


def check_parts() -> None:
    """Refuse to start where the services could not run."""
    missing = [part for part in ("gunicorn", "argon2") if importlib.util.find_spec(part) is None]
    if missing:
        raise click.ClickException(
            f"the demo needs {' and '.join(missing)}; install them by: pip install 'plugin-optimizer[server]'"
        )


def check_port(host: str, port: int) -> None:
    reason = refusal(host, port)
    if reason is not None:
        raise click.ClickException(
            f"port {port} of {host} cannot be used ({reason}); choose another one, for example --port {port + 1}"
        )


@contextmanager
def only_demo(layout: Layout) -> Iterator[None]:
    """Hold the directory while the block runs; the kernel lets go of it when this process ends, however it ends."""
    layout.directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    with layout.lock.open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            lock.seek(0)
            raise click.ClickException(
                f"a demo (process {lock.read().strip() or 'unknown'}) is running in {layout.directory}; "
                "stop it by Ctrl-C, or choose another --directory and --port"
            ) from error
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def forget(layout: Layout) -> None:
    for folder in (layout.state, layout.home, layout.directory / "services"):
        shutil.rmtree(folder, ignore_errors=True)


def prepare(layout: Layout, ports: Ports, host: str) -> Credentials:
    """Write what the processes read: price settings, the engine's configuration, users and token."""
    deployment.prepare(layout.pricing)
    layout.config.write_text(engine_config(layout, ports, host))
    credentials = renew_credentials(layout.state_file, f"http://{reachable(host)}:{ports.api}")
    write_credentials(layout.credentials, credentials)
    return credentials


def reachable(host: str) -> str:
    """Return where a server that listens on `host` is reached from here."""
    return "127.0.0.1" if host in {"0.0.0.0", "::", ""} else host  # noqa: S104 # compared, not listened on


def welcome(credentials: Credentials, layout: Layout) -> str:
    return f"""
  Dashboard  {credentials.url}/plugin-optimization/
  Login      {credentials.username} / {credentials.password}   (for this start only)
  Scripts    {layout.credentials} (url, username, password, token)

  First suggestions come within two minutes. Ctrl-C stops everything.
"""
