"""Runs the engine, the API and the dashboard in one gunicorn worker with many threads."""

import errno
import socket
from dataclasses import replace
from typing import Any

import click

from ..bootstrap import check_config, load_config
from ..config import Config
from ..web.loopback import is_loopback
from .local import config_option

GRACEFUL_SECONDS = 5  # event streams never end by themselves
NAME = "plugin-optimizer"


@click.command()
@click.option("--host", help="Where to listen.  [default: the configuration's, 127.0.0.1]")
@click.option("--port", type=click.IntRange(1, 65_535), help="The port.  [default: the configuration's, 5000]")
@click.option("--no-login", is_flag=True, help="Serve without login, to this machine only.")
@config_option
def serve(host: str | None, port: int | None, no_login: bool, config: str | None) -> None:
    """Run the engine, the API and the dashboard until Ctrl-C."""
    settings = _settings(load_config(config), host, port, no_login)
    check_config(settings)
    check_address(settings.server.host, settings.server.port)
    _application(settings).run()


def _settings(config: Config, host: str | None, port: int | None, no_login: bool) -> Config:
    """Return the configuration with the options laid over it. Raises UsageError for serving strangers without login."""
    server = replace(
        config.server,
        host=host or config.server.host,
        port=port or config.server.port,
        login=config.server.login and not no_login,
    )
    if not server.login and not is_loopback(server.host):
        raise click.UsageError(
            f"without login only this machine is served: --no-login needs --host 127.0.0.1, not {server.host}"
        )
    return replace(config, server=server)


def check_address(host: str, port: int) -> None:
    """Raise ClickException naming the option to change where the address cannot be listened on."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise click.ClickException(_why_not(host, port, error)) from error


def _why_not(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"port {port} of {host} is in use; choose another one, for example --port {port + 1}"
    if error.errno == errno.EACCES:
        return f"port {port} needs privileges; choose one above 1023, for example --port 5000"
    return f"{host} is no address of this machine ({error.strerror}); choose another --host"


def _application(config: Config) -> Any:
    """Return a gunicorn application of one worker. Raises ClickException without gunicorn."""
    try:
        from gunicorn.app.base import BaseApplication
    except ImportError as error:
        raise click.ClickException("serving needs gunicorn: pip install 'plugin-optimizer[server]'") from error
    host = f"[{config.server.host}]" if ":" in config.server.host else config.server.host

    class Server(BaseApplication):  # type: ignore[misc]
        def load_config(self) -> None:
            settings: dict[str, Any] = {
                "bind": f"{host}:{config.server.port}",
                "worker_class": "gthread",
                "workers": 1,
                "threads": config.server.threads,
                "proc_name": NAME,
                "graceful_timeout": GRACEFUL_SECONDS,
                "timeout": 60,
                "limit_request_line": 8190,
                "limit_request_fields": 100,
                "limit_request_field_size": 8190,
                "forwarded_allow_ips": "",
            }
            if "control_socket_disable" in self.cfg.settings:  # gunicorn 25 and later
                settings["control_socket_disable"] = True
            for name, value in settings.items():
                self.cfg.set(name, value)

        def load(self) -> Any:
            from ..web.application import create_app

            return create_app(config)

    return Server()
