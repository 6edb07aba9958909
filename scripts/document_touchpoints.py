"""Write docs/TOUCHPOINTS.md's tables from the touchpoints' own declarations (`--check` only compares)."""

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from plugin_optimizer.domain import ANY_METRIC, Capability, Disruption, Metric, Reversibility, Turned
from plugin_optimizer.touchpoints import capabilities

ROOT = Path(__file__).resolve().parents[1]
DOCUMENT = ROOT / "docs" / "TOUCHPOINTS.md"
BEGIN, END = "<!-- from here on written by scripts/document_touchpoints.py -->", "<!-- until here -->"
INTERRUPTS = {Disruption.LIVE: "nothing", Disruption.RELOAD: "a reload", Disruption.RESTART: "may drop what runs"}
CLASSES = {Reversibility.REVERSIBLE: "exact", Reversibility.LOSSY: "with loss", Reversibility.IRREVERSIBLE: "none"}


def main() -> int:
    current = DOCUMENT.read_text(encoding="utf-8")
    text = _with_tables(current, "\n".join(tables(capabilities())))
    missing = [
        path for one in capabilities() for path in (*one.proof, f"docs/{one.document}") if not (ROOT / path).is_file()
    ]
    if missing:
        print(f"declared and not there: {', '.join(missing)}")
        return 1
    if "--check" in sys.argv[1:]:
        print("up to date" if current == text else f"{DOCUMENT.name} is out of date; run python {Path(__file__).name}")
        return int(current != text)
    DOCUMENT.write_text(text, encoding="utf-8")
    return 0


def tables(declared: Iterable[Capability]) -> Iterator[str]:
    """Yield the lines: what is sensed and how it was tested, then each knob."""
    declared = tuple(declared)
    yield "## Sensed\n"
    yield "| target | senses | with the probe also | tested on | proved by |\n|---|---|---|---|---|"
    for one in declared:
        proof = ", ".join(f"[`{Path(path).stem.removeprefix('test_')}`](../{path})" for path in one.proof)
        yield f"| {_target(one)} | {_metrics(one.senses)} | {_metrics(one.with_probe)} | {one.tested} | {proof} |"
    yield "\n## Turned\n"
    yield "| target | knob | by | interrupts | the way back | survives a restart |\n|---|---|---|---|---|---|"
    for one in declared:
        if not one.turns:
            yield f"| {one.target} | nothing | {one.nothing} | | | |"
        for turned in one.turns:
            yield f"| {one.target} | {_knob(turned)} | {turned.by} | {_interrupts(turned)} | {_way_back(turned)} | {_kept(turned)} |"
    yield ""


def _target(one: Capability) -> str:
    return f"{one.target} ([details]({one.document}))" if one.document else one.target


def _metrics(metrics: tuple[Metric, ...]) -> str:
    if metrics == ANY_METRIC:
        return "any metric"
    return ", ".join(f"`{metric}`" for metric in metrics if metric is not Metric.UP) or "–"


def _knob(turned: Turned) -> str:
    return "what it declares" if turned.knob == "*" else f"`{turned.knob.replace('*', '…')}`"


def _interrupts(turned: Turned) -> str:
    if set(turned.disruptions) == set(Disruption):
        return "what it says"
    return ", or ".join(INTERRUPTS[each] for each in turned.disruptions)


def _way_back(turned: Turned) -> str:
    return "what it says" if set(turned.disruptions) == set(Disruption) else CLASSES[turned.loss]


def _kept(turned: Turned) -> str:
    if turned.loss is Reversibility.IRREVERSIBLE and not turned.kept:
        return "–"  # a deed, not a value
    return turned.kept or "no; the engine turns a kept value again"


def _with_tables(text: str, written: str) -> str:
    head, begin, rest = text.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not begin or not end:
        raise SystemExit(f"{DOCUMENT.name} has lost the marks between which the tables stand")
    return f"{head}{BEGIN}\n\n{written}\n{END}{tail}"


if __name__ == "__main__":
    raise SystemExit(main())
