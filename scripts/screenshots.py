"""Take the pictures of the documents from a running demo: `make screenshots`.

Without --url a demo is started in a folder of its own and stopped in the end. One suggestion is executed on the way,
so that there is a verdict to show: do not point it at a platform whose settings matter.
"""

import argparse
import json
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar

from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from plugin_optimizer.demo.ports import free_tcp_ports

Answer = TypeVar("Answer")
IMAGES = Path(__file__).resolve().parents[1] / "docs" / "images"
CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
]
JPEG_QUALITY = 50  # some 40 kB a picture: all of them stay below 2.5 MB
START_SECONDS = 150.0
SUGGESTION_SECONDS = 180.0
VERDICT_SECONDS = 400.0
PLUGIN, KIND = "orders", "increase_workers"
CARD = f"[data-testid=suggestion-{PLUGIN}-{KIND}]"
PANEL = "[data-testid=plugin-page-orders]"
FINAL = {"succeeded", "rolled_back", "aborted", "cancelled", "needs_operator"}


@dataclass(frozen=True, slots=True)
class Login:
    url: str
    username: str
    password: str


@dataclass(frozen=True, slots=True)
class Picture:
    """One file. `query` leads to the view; `until` is what must be seen before; `only` cuts the picture to one part; `click` is pressed."""

    name: str
    lang: str
    theme: str
    until: str
    query: str = ""
    only: str | None = None
    click: str | None = None
    width: int = 1280
    height: int = 1000
    kind: Literal["png", "jpeg"] = "png"

    @property
    def file(self) -> str:
        return f"{self.name}-{self.lang}-{self.theme}.{self.kind}"


def every_way(name: str, until: str, query: str = "", click: str | None = None) -> tuple[Picture, ...]:
    """Return a page in both languages, both themes and both widths, each twice, as small files."""
    return tuple(
        Picture(f"{name}-{device}", lang, theme, until, query, click=click, width=width, height=height, kind="jpeg")
        for device, width, height, lang, theme in (
            ("desktop", 1280, 1000, "ko", "light"),
            ("desktop", 1280, 1000, "en", "dark"),
            ("phone", 360, 780, "ko", "dark"),
            ("phone", 360, 780, "en", "light"),
        )
    )


BEFORE = (
    Picture("overview", "en", "light", CARD),
    Picture("suggestion", "en", "light", CARD, only=CARD),
    Picture("suggestion", "ko", "light", CARD, only=CARD),
    *every_way("overview", CARD),
)
DURING = (
    Picture("execution", "en", "dark", "article.execution .step-current", only="article.execution"),
    Picture("execution", "ko", "light", "article.execution .step-current", only="article.execution"),
)
PAGES = (
    *every_way("plugin", f"{PANEL} canvas", "?page=orders"),
    *(
        picture
        for name in ("incidents", "policies", "notifications", "access", "engine", "audit")
        for picture in every_way(name, ".tab-panel h2", f"?tab={name}")
    ),
    *every_way("stop", "[data-testid=stop]", click="[data-testid=stop]"),
)
AFTER = (
    *every_way("history", "[data-outcome]", "?execution={execution}"),
    *every_way("record", "[data-testid=track-record] .record-numbers", "?tab=history&section=record"),
)


@dataclass(frozen=True, slots=True)
class Studio:
    """A browser that is logged in."""

    browser: Browser
    login: Login
    folder: Path

    def take(self, picture: Picture, **names: str) -> None:
        context = self.open(picture.width, picture.height, picture.lang, picture.theme)
        page = context.new_page()
        page.goto(f"{self.login.url}/plugin-optimization/{picture.query.format(**names)}")
        page.wait_for_selector(picture.until, timeout=30_000)
        page.wait_for_selector("[data-testid=connection][data-state=stream]", timeout=30_000)
        expect(page.locator(".skeleton")).to_have_count(0)
        if picture.click:
            page.click(picture.click)
            page.wait_for_selector("dialog[open]")
        page.evaluate("document.fonts.ready.then(() => null)")
        path = self.folder / picture.file
        if picture.only:
            page.locator(picture.only).first.screenshot(path=path, animations="disabled")
        else:
            quality = JPEG_QUALITY if picture.kind == "jpeg" else None
            page.screenshot(path=path, animations="disabled", type=picture.kind, quality=quality)
        context.close()
        print(f"{path.name}: {path.stat().st_size / 1000:.0f} kB")

    def open(self, width: int = 1280, height: int = 1000, lang: str = "en", theme: str = "light") -> BrowserContext:
        context = self.browser.new_context(viewport={"width": width, "height": height}, reduced_motion="reduce")
        context.add_init_script(
            f"localStorage.setItem('po-lang', '{lang}'); localStorage.setItem('po-theme', '{theme}')"
        )
        answer = context.request.post(
            f"{self.login.url}/api/plugin-optimization/session",
            data={"username": self.login.username, "password": self.login.password},
        )
        if not answer.ok:
            raise SystemExit(f"{self.login.username} cannot log in at {self.login.url}: {answer.text()}")
        return context


def ask(context: BrowserContext, login: Login, path: str) -> Any:
    """Return what the API answers; ask again where the server closed the connection in the same moment."""
    return context.request.get(f"{login.url}/api/plugin-optimization{path}", max_retries=3).json()


def until(question: Callable[[], Answer | None], seconds: float, what: str) -> Answer:
    """Ask until the answer is something; end the program with `what` after so many seconds."""
    deadline = time.monotonic() + seconds
    while (answer := question()) is None:
        if time.monotonic() > deadline:
            raise SystemExit(f"waited {seconds:g} s in vain for {what}")
        time.sleep(1.0)
    return answer


def shoot(studio: Studio) -> None:
    with studio.open() as context:
        until(lambda: suggested(context, studio.login), SUGGESTION_SECONDS, f"{KIND} for {PLUGIN}")
        for picture in BEFORE:
            studio.take(picture)
        execution = execute(context.new_page(), studio.login)
        address = f"/executions/{execution}"
        until(lambda: observed(ask(context, studio.login, address)), VERDICT_SECONDS, "some windows of the judge")
        for picture in (*DURING, *PAGES):
            studio.take(picture)
        until(lambda: finished(ask(context, studio.login, address)), VERDICT_SECONDS, "the verdict")
        for picture in AFTER:
            studio.take(picture, execution=execution)


def suggested(context: BrowserContext, login: Login) -> str | None:
    """Return the id of the suggestion once it can be executed, and some others are there to be seen."""
    found = ask(context, login, f"/suggestions?state=open&plugin_id={PLUGIN}")
    return next((s["id"] for s in found if s["suggestion_type"] == KIND and s["executable"]), None)


def observed(execution: dict[str, Any]) -> int | None:
    windows = len(execution.get("live", {}).get("windows", ()))  # none while the server is too busy to say
    return windows if windows >= 5 or execution.get("state") in FINAL else None


def finished(execution: dict[str, Any]) -> str | None:
    return execution["state"] if execution.get("state") in FINAL else None


def execute(page: Page, login: Login) -> str:
    """Click as a person does; return the id of the execution."""
    page.goto(f"{login.url}/plugin-optimization/")
    with page.expect_response(lambda answer: "/execute/" in answer.url) as answer:
        page.locator(CARD).locator("[data-testid^=execute-]").click()  # nothing is asked: its risk is not high
    execution: str = answer.value.json()["execution_id"]
    return execution


@contextmanager
def demo() -> Iterator[Login]:
    """Run a demo until the pictures are taken."""
    with tempfile.TemporaryDirectory(prefix="screenshots-") as name:
        directory, port = Path(name), free_tcp_ports(1)[0]
        command = [sys.executable, "-m", "plugin_optimizer.cli", "demo", "--port", str(port), "--directory", name]
        said = directory / "demo.log"
        with said.open("wb") as log, subprocess.Popen(command, stdout=log, stderr=log) as process:  # noqa: S603
            try:
                until(lambda: started(process, said) or None, START_SECONDS, "the demo")
                known = json.loads((directory / "credentials.json").read_text())
                yield Login(known["url"], known["username"], known["password"])
            finally:
                process.send_signal(signal.SIGTERM)
                process.wait(60)


def started(process: "subprocess.Popen[bytes]", said: Path) -> bool:
    if process.poll() is not None:
        raise SystemExit(said.read_text())
    return "Login" in said.read_text()


@contextmanager
def given(url: str, username: str, password: str) -> Iterator[Login]:
    yield Login(url.rstrip("/"), username, password)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url", help="a demo that runs already, for example http://127.0.0.1:5000")
    parser.add_argument("--username", default="admin")
    parser.add_argument("--password", default="")
    parser.add_argument("--folder", type=Path, default=IMAGES, help="where the pictures go")
    options = parser.parse_args()
    chromium = shutil.which("chromium")
    if chromium is None:
        parser.error("chromium is missing; `make system-packages` installs it")
    options.folder.mkdir(parents=True, exist_ok=True)
    platform = given(options.url, options.username, options.password) if options.url else demo()
    with platform as login, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_ARGUMENTS)
        shoot(Studio(browser, login, options.folder))
        browser.close()


if __name__ == "__main__":
    main()
