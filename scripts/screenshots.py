"""Take the pictures of the documents from a running demo: `make screenshots`.

Without --url a demo is started in a folder of its own and stopped in the end. One suggestion is executed on the way,
so that there is a verdict to show: do not point it at a platform whose settings matter. A crowded machine is waited for;
what cannot be taken all the same is named in the end, the others are kept, and the program ends with 1.
"""

import argparse
import base64
import json
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from pictures import AFTER, BEFORE, CARD, DURING, KIND, PAGES, PLUGIN, Picture
from playwright.sync_api import Browser, BrowserContext, Error, Page, StorageState, expect, sync_playwright

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
MOST_BYTES = 45_000  # of one of the many pictures: all of them stay below 2.5 MB
QUALITIES = (60, 50, 40, 30, 20, 10)  # of WebP, the first that is small enough
# On a calm machine a suggestion takes one minute and a verdict three to six; these are for one that is shared with many.
START_SECONDS = 600.0
SUGGESTION_SECONDS = 900.0
VERDICT_SECONDS = 1800.0
PAGE_MILLISECONDS = 180_000
SAID_EVERY_SECONDS = 20.0
WINDOWS = 5  # so many make a chart
FINAL = {"succeeded", "rolled_back", "aborted", "cancelled", "needs_operator"}


@dataclass(frozen=True, slots=True)
class Login:
    url: str
    username: str
    password: str


@dataclass(frozen=True, slots=True)
class Studio:
    """A browser that is logged in."""

    browser: Browser
    login: Login
    folder: Path
    cookies: StorageState  # of one login for all: a user has ten sessions at the most, and the next ends the oldest
    missing: dict[str, str] = field(default_factory=dict)  # by file why it could not be taken

    def take(self, pictures: Iterable[Picture], **names: str) -> None:
        for picture in pictures:
            try:
                size = self.take_one(picture, **names)
            except (Error, AssertionError) as error:  # the page did not come to what was waited for
                self.miss([picture], str(error).splitlines()[0])
            else:
                say(f"{picture.file}: {size / 1000:.0f} kB")

    def miss(self, pictures: Iterable[Picture], why: str) -> None:
        for picture in pictures:
            self.missing[picture.file] = why
            say(f"{picture.file}: missing, {why}")

    def take_one(self, picture: Picture, **names: str) -> int:
        """Return how many bytes the picture has. Raise Error or AssertionError where its page does not come."""
        with self.open(picture.width, picture.height, picture.lang, picture.theme) as context:
            page = context.new_page()
            page.goto(f"{self.login.url}/plugin-optimization/{picture.query.format(**names)}")
            if picture.at:  # what is out of sight is not drawn
                page.locator(picture.at).evaluate("element => element.scrollIntoView()")
            page.wait_for_selector(picture.until)
            page.wait_for_selector("[data-testid=connection][data-state=stream]")
            expect(page.locator(".skeleton")).to_have_count(0, timeout=PAGE_MILLISECONDS)
            if picture.click:
                page.click(picture.click)
                page.wait_for_selector("dialog[open]")
            page.evaluate("document.fonts.ready.then(() => null)")
            taken = drawn(page, picture)
        (self.folder / picture.file).write_bytes(taken)
        return len(taken)

    def open(self, width: int = 1280, height: int = 1000, lang: str = "en", theme: str = "light") -> BrowserContext:
        context = self.browser.new_context(
            viewport={"width": width, "height": height}, reduced_motion="reduce", storage_state=self.cookies
        )
        context.set_default_timeout(PAGE_MILLISECONDS)
        context.add_init_script(
            f"localStorage.setItem('po-lang', '{lang}'); localStorage.setItem('po-theme', '{theme}')"
        )
        return context


def log_in(browser: Browser, login: Login) -> StorageState:
    with browser.new_context() as context:
        answer = context.request.post(
            f"{login.url}/api/plugin-optimization/session",
            data={"username": login.username, "password": login.password},
        )
        if not answer.ok:
            raise SystemExit(f"{login.username} cannot log in at {login.url}: {answer.text()}")
        return context.storage_state()


def ask(context: BrowserContext, login: Login, path: str) -> Any:
    """Return what the API answers; ask again where the server closed the connection in the same moment."""
    answer = context.request.get(f"{login.url}/api/plugin-optimization{path}", max_retries=3)
    if answer.status in (401, 403):
        raise SystemExit(f"{path} is not answered any more: {answer.text()}")
    return answer.json()


def drawn(page: Page, picture: Picture) -> bytes:
    if picture.only:
        return page.locator(picture.only).first.screenshot(animations="disabled")
    if picture.kind == "png":
        return page.screenshot(animations="disabled")
    screen = page.context.new_cdp_session(page)  # playwright itself writes no WebP
    for quality in QUALITIES:
        answer = screen.send("Page.captureScreenshot", {"format": "webp", "quality": quality})
        taken = base64.b64decode(answer["data"])
        if len(taken) <= MOST_BYTES:
            return taken
    raise AssertionError(f"it has {len(taken)} bytes at the least, and {MOST_BYTES} are allowed")


def say(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {text}", flush=True)


class InVain(Exception):
    """What was waited for did not come."""


def until(question: Callable[[], Answer | None], seconds: float, what: str, so_far: Callable[[], str] = str) -> Answer:
    """Ask until the answer is something, and say now and then how far it is; raise InVain with `what` after so many seconds."""
    begun = said = time.monotonic()
    while (answer := question()) is None:
        now = time.monotonic()
        if now - begun > seconds:
            raise InVain(f"waited {seconds:g} s in vain for {what}")
        if now - said > SAID_EVERY_SECONDS:
            said = now
            say(f"waiting for {what}, {now - begun:.0f} s {so_far()}".rstrip())
        time.sleep(1.0)
    return answer


@dataclass(frozen=True, slots=True)
class Run:
    """The change that is made for the pictures."""

    context: BrowserContext
    login: Login
    execution: str

    def observed(self) -> str | None:
        """Return the state once there is something to draw, or nothing more will come."""
        found = self.ask()
        state: str | None = found.get("state")
        return state if self.windows(found) >= WINDOWS or state in FINAL else None

    def finished(self) -> str | None:
        state: str | None = self.ask().get("state")
        return state if state in FINAL else None

    def so_far(self) -> str:
        found = self.ask()
        return f"({found.get('state')}, {self.windows(found)} windows)"

    def ask(self) -> dict[str, Any]:
        found: dict[str, Any] = ask(self.context, self.login, f"/executions/{self.execution}")
        return found

    @staticmethod
    def windows(found: dict[str, Any]) -> int:
        return len(found.get("live", {}).get("windows", ()))  # none while the server is too busy to say


def shoot(studio: Studio) -> None:
    """Take what there is, in the order in which the platform comes to it."""
    with studio.open() as context:
        try:
            until(lambda: suggested(context, studio.login), SUGGESTION_SECONDS, f"{KIND} for {PLUGIN}")
        except InVain as error:
            studio.miss((*BEFORE, *DURING, *AFTER), str(error))
            studio.take(PAGES)
        else:
            studio.take(BEFORE)
            follow(studio, Run(context, studio.login, execute(context.new_page(), studio.login)))


def follow(studio: Studio, run: Run) -> None:
    """Take what is seen while the change is judged, the pages that do not depend on it, and its end."""
    try:
        state = until(run.observed, VERDICT_SECONDS, "some windows of the judge", run.so_far)
    except InVain as error:
        studio.miss(DURING, str(error))
    else:
        if state in FINAL:
            studio.miss(DURING, f"the change ended before there was anything to draw: {state}")
        else:
            studio.take(DURING)
    studio.take(PAGES)
    try:
        say(f"the change ended: {until(run.finished, VERDICT_SECONDS, 'the verdict', run.so_far)}")
    except InVain as error:
        studio.miss(AFTER, str(error))
    else:
        studio.take(AFTER, execution=run.execution)


def suggested(context: BrowserContext, login: Login) -> str | None:
    """Return the id of the suggestion once it can be executed, and some others are there to be seen."""
    found = ask(context, login, f"/suggestions?state=open&plugin_id={PLUGIN}")
    return next((s["id"] for s in found if s["suggestion_type"] == KIND and s["executable"]), None)


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
                process.wait(180)


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
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # so that the demo is stopped, too
    options.folder.mkdir(parents=True, exist_ok=True)
    platform = given(options.url, options.username, options.password) if options.url else demo()
    with platform as login, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_ARGUMENTS)
        studio = Studio(browser, login, options.folder, log_in(browser, login))
        shoot(studio)
        browser.close()
    if studio.missing:
        raise SystemExit("\n".join(["missing:", *(f"  {name}: {why}" for name, why in sorted(studio.missing.items()))]))


if __name__ == "__main__":
    main()
