"""Which pictures the documents have: of which page, in which language, theme and width, and what must be seen first."""

from dataclasses import dataclass
from typing import Literal

PLUGIN, KIND = "orders", "increase_workers"
CARD = f"[data-testid=suggestion-{PLUGIN}-{KIND}]"
PANEL = "[data-testid=plugin-page-orders]"


@dataclass(frozen=True, slots=True)
class Picture:
    """One file. `query` leads to the view, `at` is scrolled to, `until` is what must be seen before; `only` cuts the picture to one part; `click` is pressed."""

    name: str
    lang: str
    theme: str
    until: str
    query: str = ""
    only: str | None = None
    click: str | None = None
    at: str | None = None
    width: int = 1280
    height: int = 1000
    kind: Literal["png", "webp"] = "png"

    @property
    def file(self) -> str:
        return f"{self.name}-{self.lang}-{self.theme}.{self.kind}"


def every_way(
    name: str, until: str, query: str = "", click: str | None = None, at: str | None = None
) -> tuple[Picture, ...]:
    """Return a page in both languages, both themes and both widths, each twice, as small files."""
    return tuple(
        Picture(
            f"{name}-{device}", lang, theme, until, query, click=click, at=at, width=width, height=height, kind="webp"
        )
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
    *every_way("plugin", f"{PANEL} canvas", "?page=orders", at=f"{PANEL} .range-bar"),
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
