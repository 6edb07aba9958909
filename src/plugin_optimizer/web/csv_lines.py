"""Comma-separated values (RFC 4180): quoted, lines ended by CR LF, no cell taken for a formula.

They begin with the byte order mark of UTF-8: without it spreadsheets take Korean for another encoding.
"""

import codecs
import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from .neutral import neutral


def csv_lines(columns: Sequence[str], rows: Iterable[Iterable[object]]) -> Iterator[bytes]:
    """Yield the file line by line."""
    yield codecs.BOM_UTF8 + _line(columns)
    for cells in rows:
        yield _line([neutral(cell) for cell in cells])


def _line(cells: Sequence[object]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerow(cells)
    return text.getvalue().encode()
