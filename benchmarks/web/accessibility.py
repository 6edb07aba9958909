"""What axe finds in every state, in both languages, themes and widths."""

import runpy
from collections import Counter
from collections.abc import Iterator
from itertools import product
from typing import Any

from .figure import Figure, exactly, reported
from .stage import FRONTEND, Stage

RUN = "axe.run(document, {resultTypes: ['violations']}).then((found) => found.violations.map((rule) => rule.id))"
WIDTHS = ((1366, 900), (360, 780))


def accessibility(stage: Stage) -> Iterator[Figure]:
    """Visit the states of `frontend/dev/accessibility.py`, with canned answers; one that is not reached is an error there."""
    driven: dict[str, Any] = runpy.run_path(str(FRONTEND / "dev/accessibility.py"))
    pages = list(product(driven["VIEWS"], ("ko", "en"), ("light", "dark"), WIDTHS))
    found: Counter[str] = Counter()
    for (name, scenario, query, click), lang, theme, size in pages:
        stage.canned.play(scenario)
        with stage.visit(size=size, lang=lang, theme=theme, known=False, bypass_csp=True) as context:
            page = context.new_page()
            page.goto(f"{stage.canned.url}/plugin-optimization/{query}")
            driven["settle"](page, click)
            page.add_script_tag(path=driven["AXE"])
            found.update(f"{rule} ({name})" for rule in page.evaluate(RUN))
    yield exactly(f"axe violations on {len(pages)} pages (canned)", sum(found.values()), 0)
    if found:
        yield reported("of these", ", ".join(f"{count} {rule}" for rule, count in found.most_common(5)))
