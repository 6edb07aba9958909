"""The state store, put together from its concerns."""

from pathlib import Path

from ...domain import ConfigError
from .approvals import Approvals
from .audit import Audit
from .closings import Closings
from .database import Database, server_database, sqlite_database
from .executions import Executions
from .feedback import Feedback
from .history import History
from .history_search import HistorySearch
from .leases import Leases
from .login_tries import LoginTries
from .memory import Memory
from .offers import Offers
from .outbox import Outbox
from .past_incidents import PastIncidents
from .people import People
from .plugin_groups import PluginGroups
from .plugins import Plugins
from .rollbacks import Rollbacks
from .sessions import Sessions
from .suggestions import Suggestions

SQLITE_PREFIX = "sqlite:///"


class SqlStateStore(
    Plugins,
    PluginGroups,
    Offers,
    Suggestions,
    Approvals,
    Executions,
    Rollbacks,
    Closings,
    Memory,
    Feedback,
    PastIncidents,
    History,
    HistorySearch,
    Audit,
    Leases,
    People,
    Sessions,
    LoginTries,
    Outbox,
):
    """Keeps everything that must never be lost; fulfils `contracts.StateStore`.

    Every write is one durable transaction. Each change of state in it leaves one audit row; what changes no
    state (a refreshed figure, a judge's windows, a cycle) leaves none. Thread-safe; several processes of a
    host may open the same file.
    """

    def __init__(self, database: Database) -> None:
        super().__init__(database)

    def close(self) -> None:
        self._database.close()


def open_state(url_or_path: str | Path) -> SqlStateStore:
    """Open or create the state: a path, `sqlite:///path`, or `postgresql+psycopg://…`.

    Raises ConfigError where it cannot be kept safely, or a newer product wrote it.
    """
    text = str(url_or_path)
    if text.startswith(SQLITE_PREFIX):
        return SqlStateStore(sqlite_database(Path(text.removeprefix(SQLITE_PREFIX))))
    if text.startswith("postgresql"):
        return SqlStateStore(server_database(text))
    if "://" in text:
        scheme = text.partition("://")[0]
        raise ConfigError(f"state cannot be kept in {scheme}; known are a path, sqlite:///path and postgresql://…")
    return SqlStateStore(sqlite_database(Path(text)))
