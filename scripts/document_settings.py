"""Write docs/CONFIGURATION.md from the settings' own dataclasses (`--check` only compares)."""

import dataclasses
import inspect
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

from plugin_optimizer.config import Agent, Engine, Server, Statsd
from plugin_optimizer.domain import Mode, PluginGroup, Policy
from plugin_optimizer.monitor.reported.limits import MetricsIn
from plugin_optimizer.monitor.reported.settings import PluginMetrics
from plugin_optimizer.notify import NOTIFIERS
from plugin_optimizer.notify.settings import Notify, Rules
from plugin_optimizer.touchpoints.kubernetes.settings import KubernetesSettings
from plugin_optimizer.touchpoints.webhook.settings import CommandSettings, WebhookSettings

DOCUMENT = Path(__file__).resolve().parents[1] / "docs" / "CONFIGURATION.md"
NAMED = {"webhook": WebhookSettings, "command": CommandSettings, "kubernetes": KubernetesSettings}
HEAD = """# Configuration

One TOML file, named by `--config` or by the environment variable `PLUGIN_OPTIMIZER_CONFIG`; without one the defaults hold. An unknown key, a wrong
type or a value out of range is refused at the start, with the name of the key and what would have been right.

```toml
[server]
port = 5000

[engine]
state_dir = "/var/lib/plugin-optimizer"

[notify.channels.ops]             # docs/NOTIFICATIONS.md
kind = "slack"
url = "env:OPS_SLACK_URL"

[policy]                          # of every plugin
response_time_seconds = 1.0
notify = ["ops"]

[plugins.orders]                  # optional: discovery finds what runs here by itself
name = "orders"
bind = "127.0.0.1:8001"
labels = { team = "shop" }

[plugins.sessions]                # docs/REDIS.md
touchpoint = "redis"
url = "redis://127.0.0.1:6379"
password = "$SESSIONS_PASSWORD"   # a variable of the environment, or password_file; never the password itself

[plugins.mailer]                  # an endpoint or a command of your own: docs/WEBHOOK.md
touchpoint = "webhook"
url = "https://mailer.example/control"
secret = "$MAILER_SECRET"

[plugins.orders.policy]           # of this one
response_time_seconds = 0.6
max_workers = 12

[groups.shop]                     # plugins that share a policy: by label, by kind, by name
labels = { team = "shop" }
names = ["shop-*", "orders"]

[groups.shop.policy]              # a plugin's own word wins over it, it wins over [policy]
mode = "automatic"

[plugins.billing]                 # one that we cannot see ourselves: docs/METRICS_IN.md
touchpoint = "reported"

[plugins.billing.metrics]
scrape = "http://127.0.0.1:9102/metrics"
```

Where probes and engine meet is `engine.home` for the engine and the environment variable `PLUGIN_OPTIMIZER_HOME` for the services
(default of both: `~/.local/state/plugin-optimizer`). What people set through the API or the command line (`plugin-optimizer policy set`) is
kept in the state and wins over the file.
"""


def main() -> int:
    text = "\n".join([HEAD, *document()])
    if "--check" in sys.argv[1:]:
        current = DOCUMENT.read_text(encoding="utf-8") == text
        print("up to date" if current else f"{DOCUMENT.name} is out of date; run python {Path(__file__).name}")
        return 0 if current else 1
    DOCUMENT.write_text(text, encoding="utf-8")
    return 0


def document() -> Iterator[str]:
    for title, kind in (
        ("server", Server),
        ("engine", Engine),
        ("statsd", Statsd),
        ("agent", Agent),
        ("metrics_in", MetricsIn),
        ("plugins.NAME.metrics", PluginMetrics),
        *((f'plugins.NAME]` with `touchpoint = "{name}"', kind) for name, kind in NAMED.items()),
        ("policy", Policy),
        ("groups.NAME", PluginGroup),
        ("notify", Notify),
        ("notify.channels.NAME", Rules),
        *((f'notify.channels.NAME]` with `kind = "{name}"', kind) for name, kind in NOTIFIERS.items()),
    ):
        yield f"## `[{title}" + ("`\n" if title.endswith('"') else "]`\n")
        yield f"{inspect.getdoc(kind)}\n"
        yield "| setting | type | default | |\n|---|---|---|---|"
        comments = _comments(kind)
        for field in dataclasses.fields(kind):
            if field.metadata.get("read") or (kind is PluginGroup and field.name == "name"):
                continue
            yield f"| `{field.name}` | {_type(field.type)} | {_default(field)} | {comments.get(field.name, '')} |"
        yield ""
    yield "Modes: " + ", ".join(f"`{mode}` ({comment})" for mode, comment in _comments(Mode).items()) + ".\n"


def _comments(kind: type) -> dict[str, str]:
    """Return what stands behind each field in the source."""
    found: dict[str, str] = {}
    for line in inspect.getsource(kind).splitlines():
        if match := re.match(r"\s+(\w+)(?:: [^=#]+?)?(?: = .*?)?\s+#\s*(.+)$", line):
            found[match.group(1).lower() if kind is Mode else match.group(1)] = match.group(2)
    return found


def _type(kind: Any) -> str:
    name = str(kind) if isinstance(kind, str) or get_args(kind) else getattr(kind, "__name__", str(kind))
    name = re.sub(r"\b[a-z_]+\.(?:[\w]+\.)*(?=[A-Z])", "", name)
    name = re.sub(r"^tuple\[(\w+), \.\.\.\]$", r"list of \1", name)
    return name.replace(" | None", "").replace("|", "or")


def _default(field: "dataclasses.Field[Any]") -> str:
    if field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING:
        return "required"
    value = field.default if field.default is not dataclasses.MISSING else field.default_factory()  # type: ignore[misc]
    return "–" if value in (None, "", ()) else f"`{str(value).lower() if isinstance(value, bool) else value}`"


if __name__ == "__main__":
    raise SystemExit(main())
