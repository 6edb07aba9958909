"""What the rows share: one Chromium, one real demo, one server with canned answers; each is started when first wanted."""

import json
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Self, TypeVar

from playwright.sync_api import Browser, BrowserContext, StorageState, sync_playwright

from plugin_optimizer.demo.ports import free_tcp_ports

Answer = TypeVar("Answer")
FRONTEND = Path(__file__).resolve().parents[2] / "frontend"
BASE = "/api/plugin-optimization"
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
START_SECONDS = 240.0
DESKTOP, PHONE = (1366, 900), (360, 780)


@dataclass(frozen=True, slots=True)
class Demo:
    """The real server with the demo's services behind it."""

    url: str
    username: str
    password: str
    token: str

    def ask(self, path: str, body: object = None, method: str | None = None) -> Any:
        """Return what the API answers to a script."""
        data = None if body is None else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        request = urllib.request.Request(self.url + BASE + path, data, headers, method=method)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.loads(answer.read() or b"null")


@dataclass(frozen=True, slots=True)
class Canned:
    """`frontend/dev/fixture-server.mjs`: the built dashboard with invented answers, for states the demo is not in."""

    url: str

    def play(self, scenario: str) -> None:
        urllib.request.urlopen(f"{self.url}/__scenario?{scenario}", timeout=30).read()


@dataclass
class Stage:
    """`seconds` is how long a page is left open."""

    seconds: float = 60.0
    _open: ExitStack = field(default_factory=ExitStack)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    @cached_property
    def browser(self) -> Browser:
        chromium = shutil.which("chromium")
        if chromium is None:
            raise SystemExit("chromium is missing; `make system-packages` installs it")
        playwright = self._open.enter_context(sync_playwright())
        launched = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        self._open.callback(launched.close)
        return launched

    @cached_property
    def demo(self) -> Demo:
        return self._open.enter_context(_running_demo())

    @cached_property
    def canned(self) -> Canned:
        return self._open.enter_context(_canned_answers())

    @cached_property
    def logged_in(self) -> StorageState:
        """The cookies of the demo's administrator."""
        context = self.browser.new_context()
        login = {"username": self.demo.username, "password": self.demo.password}
        answer = context.request.post(f"{self.demo.url}{BASE}/session", data=login)
        if not answer.ok:
            raise SystemExit(f"{self.demo.username} cannot log in: {answer.text()}")
        state = context.storage_state()
        context.close()
        return state

    @contextmanager
    def visit(
        self,
        *,
        size: tuple[int, int] = DESKTOP,
        lang: str = "ko",
        theme: str = "light",
        known: bool = True,
        bypass_csp: bool = False,
    ) -> Iterator[BrowserContext]:
        """Give a browser that has fetched nothing yet; `known` to the demo as its administrator."""
        state = self.logged_in if known else None
        context = self.browser.new_context(
            viewport={"width": size[0], "height": size[1]}, storage_state=state, bypass_csp=bypass_csp
        )
        context.add_init_script(
            f"localStorage.setItem('po-lang', '{lang}'); localStorage.setItem('po-theme', '{theme}')"
        )
        context.set_default_timeout(120_000)
        try:
            yield context
        finally:
            context.close()


def wait_until(question: Callable[[], Answer | None], seconds: float, what: str) -> Answer:
    """Ask until the answer is something; end the program with `what` after so many seconds."""
    deadline = time.monotonic() + seconds
    while (answer := question()) is None:
        if time.monotonic() > deadline:
            raise SystemExit(f"waited {seconds:g} s in vain for {what}")
        time.sleep(0.5)
    return answer


@contextmanager
def _running_demo() -> Iterator[Demo]:
    with tempfile.TemporaryDirectory(prefix="bench-web-") as name:
        directory, said = Path(name), Path(name) / "demo.log"
        command = [sys.executable, "-m", "plugin_optimizer.cli", "demo", "--port", str(free_tcp_ports(1)[0])]
        with (
            said.open("wb") as log,
            subprocess.Popen([*command, "--directory", name], stdout=log, stderr=log) as process,
        ):
            try:
                wait_until(lambda: _started(process, said) or None, START_SECONDS, "the demo")
                known = json.loads((directory / "credentials.json").read_text())
                yield Demo(known["url"], known["username"], known["password"], known["token"])
            finally:
                process.send_signal(signal.SIGTERM)
                process.wait(60)


def _started(process: "subprocess.Popen[bytes]", said: Path) -> bool:
    if process.poll() is not None:
        raise SystemExit(said.read_text())
    return "Login" in said.read_text()


@contextmanager
def _canned_answers() -> Iterator[Canned]:
    port = free_tcp_ports(1)[0]
    url = f"http://127.0.0.1:{port}"
    with subprocess.Popen(
        ["node", "dev/fixture-server.mjs", str(port)], cwd=FRONTEND, stdout=subprocess.DEVNULL
    ) as process:
        try:
            wait_until(lambda: _answers(url), 30, "the server with canned answers")
            yield Canned(url)
        finally:
            process.terminate()


def _answers(url: str) -> bool | None:
    try:
        urllib.request.urlopen(f"{url}/__scenario?full", timeout=5).read()
    except OSError:
        return None
    return True
