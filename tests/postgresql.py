"""A real PostgreSQL server on loopback, with files of its own and every commit on disk, for as long as somebody needs it."""

import contextlib
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import count
from pathlib import Path

import psycopg

from plugin_optimizer.knowledge import open_state
from plugin_optimizer.knowledge.state.chain import FIRST_DIGEST
from plugin_optimizer.knowledge.state.migrations import STEPS
from plugin_optimizer.knowledge.state.schema import head, metadata, schema_version

START_SECONDS = 60.0
TEMPLATE = "empty_state"
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "fsync": "on",
    "synchronous_commit": "on",
    "max_connections": "200",
    "shared_buffers": "32MB",
    "autovacuum": "off",
    "timezone": "UTC",
}


def binaries() -> Path:
    """Return where the newest installed server is; the tests need one (`make system-packages`)."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    assert found, "no PostgreSQL server is installed; make system-packages installs it"
    return found[-1].parent


def as_nobody_special(*command: object) -> list[str]:
    """Return the command as a user the server accepts (it refuses root); it ends when we end."""
    words = [str(word) for word in command]
    died = ["setpriv", "--pdeathsig", "QUIT"]
    if os.geteuid() != 0:
        return [*died, *words]
    user = owner()
    return [*died, f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups", *words]


def owner() -> pwd.struct_passwd:
    names = {user.pw_name for user in pwd.getpwall()}
    return (
        pwd.getpwnam("postgres" if "postgres" in names else "nobody")
        if os.geteuid() == 0
        else pwd.getpwuid(os.geteuid())
    )


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@dataclass
class Server:
    """One server. `start` and `stop_at_once` may follow one another; the port stays the same."""

    directory: Path
    port: int = field(default_factory=free_port)
    process: "subprocess.Popen[bytes] | None" = None
    emptied: list[str] = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=count, repr=False)

    @property
    def data(self) -> Path:
        return self.directory / "data"

    def create(self) -> None:
        os.chown(self.directory, owner().pw_uid, owner().pw_gid)
        initdb = (
            binaries() / "initdb",
            "-D",
            self.data,
            "-U",
            "postgres",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--no-locale",
            "-N",
        )
        self._run(*initdb)

    def start(self) -> None:
        """Start and wait until it answers. It ends with the thread that started it: better the main one."""
        settings = [f"--{name}={value}" for name, value in {**SETTINGS, "port": str(self.port)}.items()]
        command = as_nobody_special(binaries() / "postgres", "-D", self.data, *settings)
        with (self.directory / "log").open("ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, cwd="/")
        deadline = time.monotonic() + START_SECONDS
        while not self.answers():
            assert self.process.poll() is None, (self.directory / "log").read_text()
            assert time.monotonic() < deadline, "the server does not answer"
            time.sleep(0.02)

    def answers(self) -> bool:
        with contextlib.suppress(psycopg.OperationalError), psycopg.connect(self.dsn("postgres"), connect_timeout=2):
            return True
        return False

    def stop_at_once(self) -> None:
        """Let it die without a word to anybody, as after a power cut: it recovers from its log at the next start."""
        if self.process is not None:
            self._run(binaries() / "pg_ctl", "-D", self.data, "-m", "immediate", "-w", "stop")
            self.process.wait(30)
            self.process = None

    def dsn(self, database: str, port: int | None = None) -> str:
        return f"postgresql://postgres@127.0.0.1:{port or self.port}/{database}"

    def execute(self, statement: str, database: str = "postgres") -> "list[tuple[object, ...]]":
        with psycopg.connect(self.dsn(database), autocommit=True) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    def new_state(self) -> str:
        """Return the URL of a database that holds an empty state."""
        if self.emptied:
            return self.emptied.pop()
        name = f"{self.template}_{next(self.numbers)}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE {self.template}")
        return self.dsn(name)

    def forget(self, url: str) -> None:
        """Empty a database for the next one who wants one: much faster than to make a new one (all of it goes to disk)."""
        with psycopg.connect(url) as connection:
            found = connection.execute("SELECT version FROM schema_version").fetchone()
            if found != (len(STEPS) + 1,):
                return  # a test of migrations has led it further; nobody else wants it
            connection.execute("SET session_replication_role = replica")  # no triggers, so that the audit can go
            for table in metadata.sorted_tables:
                if table not in (head, schema_version):
                    connection.execute(f"DELETE FROM {table.name}".encode())
            connection.execute(
                "UPDATE head SET version=0, audit_number=0, audit_digest=%s, lease_fence=0, lease_holder='', lease_at=0",
                [FIRST_DIGEST],
            )
        self.emptied.append(url)

    @cached_property
    def template(self) -> str:
        self.execute(f"CREATE DATABASE {TEMPLATE}")
        open_state(self.dsn(TEMPLATE)).close()
        return TEMPLATE

    def _run(self, *command: object) -> None:
        done = subprocess.run(
            as_nobody_special(*command), capture_output=True, text=True, timeout=120, cwd="/", check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr


@contextlib.contextmanager
def running() -> Iterator[Server]:
    """Lend a server that is ended, and its files removed, at the end of the block."""
    directory = Path(tempfile.mkdtemp(prefix="postgresql-"))
    server = Server(directory)
    try:
        server.create()
        server.start()
        yield server
    finally:
        server.stop_at_once()
        shutil.rmtree(directory, ignore_errors=True)
