"""The promise table as people read it."""

from collections.abc import Sequence

from .promise import Measured

HEAD = ("promise", "what was done", "measured", "target", "held")


def table(rows: Sequence[Measured]) -> str:
    """Return the rows with their columns aligned."""
    cells = [HEAD, *((r.promise, r.what, r.figure, r.target, "yes" if r.held else "NO") for r in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(HEAD))]
    lines = [" | ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip() for row in cells]
    return "\n".join([lines[0], "-" * (sum(widths) + 3 * (len(widths) - 1)), *lines[1:]])
