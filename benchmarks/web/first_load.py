"""What a browser fetches before the first suggestion can be executed, how long that takes, and what moves meanwhile."""

from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median

from playwright.sync_api import BrowserContext, expect

from .figure import Figure, at_most, reported
from .stage import DESKTOP, PHONE, Stage, wait_until
from .tracing import NOTE_SHIFTS, Meter, Traffic, shift_of, slow_down

SCRIPTS_KB, PAGE_KB, SHIFT = 160.0, 300.0, 0.01
DESKTOP_SECONDS, PHONE_SECONDS = 1.0, 3.5
SUGGESTION_SECONDS = 240.0
VISITS = 5
EXECUTE = "article [data-testid^=execute-]:enabled"
SETTLING_MS = 3000  # what comes by itself has come by then
FOR_EVER_MS = 1e9
LATER_MS = 500  # what moves after that moves because the platform has changed, and is shown as soon as it has
NOTE_USABLE = f"""const look = () => {{
    if (document.querySelector("{EXECUTE}")) window.usable = performance.now(); else requestAnimationFrame(look);
}};
requestAnimationFrame(look);"""


@dataclass(frozen=True, slots=True)
class Load:
    """One visit of a browser that had fetched nothing; kB of 1,000 bytes.

    `shift` is what moved until the first screen stood, `later_shift` all that moved in the seconds after, too.
    `document_kilobytes` are the scripts that the document itself asks for: what is commonly called first-load JS.
    `scripts` had come when the first suggestion could be executed, `seconds` after the navigation began;
    `all_scripts_kilobytes` and `page_kilobytes` are those of the whole page, the table below the suggestions included.
    """

    scripts: dict[str, float]
    document_kilobytes: float
    all_scripts_kilobytes: float
    page_kilobytes: float
    seconds: float
    cpu_milliseconds: float
    shift: float
    later_shift: float

    @property
    def script_kilobytes(self) -> float:
        return sum(self.scripts.values())


def load_in(context: BrowserContext, url: str, *, slow: bool = False) -> Load:
    """Open the overview until a suggestion can be executed."""
    context.add_init_script(NOTE_SHIFTS)
    context.add_init_script(NOTE_USABLE)
    page = context.new_page()
    if slow:
        slow_down(page)
    traffic, meter = Traffic(page).listen(), Meter(page)
    page.goto(url, wait_until="commit")
    expect(page.locator(EXECUTE).first).to_be_visible(timeout=120_000)
    cpu = meter.cpu_milliseconds()
    page.wait_for_timeout(SETTLING_MS)
    usable = page.evaluate("window.usable / 1000")
    before: list[str] = page.evaluate(
        "performance.getEntriesByType('resource').filter((r) => r.responseEnd <= window.usable).map((r) => r.name)"
    )
    everything = traffic.script_kilobytes()
    scripts = {url: size for url, size in everything.items() if url in before}
    document = page.context.request.get(url).text()
    return Load(
        scripts,
        sum(size for name, size in everything.items() if name.rsplit("/", 1)[-1] in document),
        sum(everything.values()),
        traffic.travelled / 1000,
        usable,
        cpu,
        shift_of(page, usable * 1000 + LATER_MS),
        shift_of(page, FOR_EVER_MS),
    )


def executable(stage: Stage) -> str:
    """Wait until the demo has a suggestion that can be executed; return the address of its dashboard."""
    demo = stage.demo
    wait_until(
        lambda: next((s for s in demo.ask("/suggestions?state=open") if s["executable"]), None),
        SUGGESTION_SECONDS,
        "a suggestion that can be executed",
    )
    return f"{demo.url}/plugin-optimization/"


def visits(stage: Stage, size: tuple[int, int], *, slow: bool) -> list[Load]:
    url, loads = executable(stage), []
    for _ in range(VISITS):
        with stage.visit(size=size) as context:
            loads.append(load_in(context, url, slow=slow))
    return loads


def first_load(stage: Stage) -> Iterator[Figure]:
    url = executable(stage)
    for lang in ("ko", "en"):
        with stage.visit(lang=lang) as context:
            load = load_in(context, url)
        yield at_most(f"first-load scripts, gzip -9 ({lang})", load.document_kilobytes, SCRIPTS_KB, "kB")
        yield at_most(
            f"scripts until [execute] works ({lang})",
            load.script_kilobytes,
            SCRIPTS_KB,
            "kB",
            f" in {len(load.scripts)} files",
        )
        yield reported(f"all scripts of the overview ({lang})", f"{load.all_scripts_kilobytes:.0f} kB")
        yield at_most(f"whole page as it travels ({lang})", load.page_kilobytes, PAGE_KB, "kB")


def usable(stage: Stage) -> Iterator[Figure]:
    for name, size, slow, limit in (
        ("desktop", DESKTOP, False, DESKTOP_SECONDS),
        ("phone, slow 4G, CPU / 4", PHONE, True, PHONE_SECONDS),
    ):
        loads = visits(stage, size, slow=slow)
        best = f" (best {min(load.seconds for load in loads):.2f}, main thread {median(load.cpu_milliseconds for load in loads):.0f} ms)"
        yield at_most(f"[execute] works after, {name}", median(load.seconds for load in loads), limit, "s", best)
        yield at_most(f"layout shift, {name}", max(load.shift for load in loads), SHIFT, "")


def first_load_canned(stage: Stage) -> Iterator[Figure]:
    """The same where the answers are canned, so that nothing depends on what the demo is doing: at rest, and while a change runs."""
    for scenario, name in (("calm", "at rest"), ("full", "while a change runs")):
        stage.canned.play(scenario)
        for lang in ("ko", "en"):
            with stage.visit(lang=lang, known=False) as context:
                load = load_in(context, f"{stage.canned.url}/plugin-optimization/")
            said = f"scripts until [execute] works, {name} ({lang}, canned)"
            if scenario == "calm":
                yield at_most(said, load.script_kilobytes, SCRIPTS_KB, "kB", f" in {len(load.scripts)} files")
            else:
                yield reported(said, f"{load.script_kilobytes:.0f} kB")
            yield at_most(f"layout shift, {name} ({lang}, canned)", load.later_shift, SHIFT, "")
