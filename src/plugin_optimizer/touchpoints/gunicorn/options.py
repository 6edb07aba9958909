"""The command line of gunicorn, read the way gunicorn reads it.

The options are those of gunicorn 27 (`gunicorn.config`); a test compares them with the installed one. Own table
rather than gunicorn's parser: the engine's environment need not have gunicorn, and the target's version differs.
"""

import argparse
import shlex
from collections.abc import Mapping, Sequence
from typing import NoReturn

OPTIONS_WITH_VALUE = """
config -c --config            bind -b --bind                  workers -w --workers        worker_class -k --worker-class
threads --threads             timeout -t --timeout            max_requests --max-requests chdir --chdir
proc_name -n --name           statsd_host --statsd-host       statsd_prefix --statsd-prefix
control_socket --control-socket    keepalive --keep-alive      graceful_timeout --graceful-timeout
worker_connections --worker-connections                       paste --paste --paster
"""
# Nothing is concluded from these, but what follows them is their value and not the application.
OTHER_OPTIONS_WITH_VALUE = """
-e --env -p --pid -u --user -g --group -m --umask --backlog --max-requests-jitter
--limit-request-line --limit-request-fields --limit-request-field_size --reload-engine
--reload-extra-file --worker-tmp-dir --forwarded-allow-ips --access-logfile --access-logformat --error-logfile
--log-file --log-level --logger-class --log-config --log-config-json --log-syslog-to --log-syslog-prefix
--log-syslog-facility --dogstatsd-tags --pythonpath --proxy-allow-from --protocol --uwsgi-allow-from
--keyfile --certfile --ssl-version --cert-reqs --ca-certs --ciphers --http-protocols --http2-cleartext
--http2-max-concurrent-streams --http2-initial-window-size --http2-max-frame-size --http2-max-header-list-size
--paste-global --forwarder-headers --header-map --asgi-loop --asgi-lifespan --asgi-disconnect-grace-period
--websocket-max-message-size --http-parser --root-path --dirty-app --dirty-workers --dirty-timeout --dirty-threads
--dirty-graceful-timeout --control-socket-mode
"""
FLAGS = """
reuse_port --reuse-port       control_socket_disable --no-control-socket
preload_app --preload
"""
OTHER_FLAGS = """
-D --daemon -R --enable-stdio-inheritance --reload --spew --check-config --print-config --no-sendfile
--initgroups --disable-redirect-access-to-syslog --capture-output --log-syslog --enable-backlog-metric
--suppress-ragged-eofs --do-handshake-on-connect --permit-obsolete-folding --strip-header-spaces
--permit-unconventional-http-method --permit-unconventional-http-version --casefold-http-method
"""
OPTIONAL_VALUE = "--proxy-protocol"

Setting = str | bool | Sequence[str]


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise ValueError(message)


def _named(table: str) -> list[tuple[str, list[str]]]:
    """Return (setting, its options) of a table like `workers -w --workers  bind -b --bind`."""
    found: list[tuple[str, list[str]]] = []
    for word in table.split():
        if word.startswith("-"):
            found[-1][1].append(word)
        else:
            found.append((word, []))
    return found


def _parser() -> _Parser:
    parser = _Parser(add_help=False, argument_default=argparse.SUPPRESS)
    for name, options in _named(OPTIONS_WITH_VALUE):
        parser.add_argument(*options, dest=name, action="append" if name == "bind" else "store")
    for name, options in _named(FLAGS):
        parser.add_argument(*options, dest=name, action="store_true")
    for option in OTHER_OPTIONS_WITH_VALUE.split():
        parser.add_argument(option, dest="_")
    for option in OTHER_FLAGS.split():
        parser.add_argument(option, dest="_", action="store_true")
    parser.add_argument(OPTIONAL_VALUE, dest="_", nargs="?")
    parser.add_argument("args", nargs="*")
    return parser


_PARSER = _parser()


def parse_options(arguments: Sequence[str]) -> Mapping[str, Setting]:
    """Return the settings that matter to us, by gunicorn's names, as they stand; `wsgi_app` is the application.

    Options we do not know (a later gunicorn's) are passed over. Raises ValueError where gunicorn would exit.
    """
    found, unknown = _PARSER.parse_known_args(list(arguments))
    del unknown
    settings = {name: value for name, value in vars(found).items() if name not in ("_", "args")}
    positional = getattr(found, "args", [])
    return {**settings, "wsgi_app": positional[0]} if positional else settings


def parse_environment_options(text: str) -> Mapping[str, Setting]:
    """Return what GUNICORN_CMD_ARGS sets. Raises ValueError."""
    return parse_options(shlex.split(text))
