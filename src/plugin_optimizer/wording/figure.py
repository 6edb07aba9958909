"""Figures for people: the last word of a parameter's name is its unit."""

import math
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

MISSING = "–"
LAST_SECONDS = 253_402_300_800.0  # the year 10000
LARGEST = 1e300  # beyond it a whole number has no float
A_THOUSAND = 999.5  # from here on three digits would be written with an exponent
A_SECOND = 0.9995  # from here on milliseconds would be rounded to 1000
HOUR_SECONDS, DAY_SECONDS = 3600.0, 86_400.0
BYTE_UNITS = ("B", "KiB", "MiB", "GiB", "TiB", "PiB")  # as memory is bought, limited and set
OF_THE_METRIC = frozenset(
    {
        *("value", "limit", "before", "after", "needed", "expected", "low", "high", "predicted", "observed", "usual"),
        *("from", "to", "wanted", "minimum", "maximum"),
    }
)
WORDS = {
    "ko": {"s": "초", "min": "분", "h": "시간", "d": "일"},
    "en": {"s": " s", "min": " min", "h": " h", "d": " d"},
}


def figure(name: str, value: object, lang: str, metric: str = "") -> str:
    """Return a parameter as text: `wait_seconds` 1.23 → "1.23 s" (ko "1.23초"), `busy_ratio` 0.62 → "62 %".

    A name without a unit takes that of `metric`: the metric, or the unit of the setting, that the sentence is about.
    """
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return MISSING
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    if abs(value) > LARGEST:
        return "∞"
    write = _writer(name) or (_writer(metric) if name in OF_THE_METRIC else None)
    return write(float(value), lang) if write else number(value)


def number(value: float) -> str:
    """Return at most three significant digits below 1000, whole numbers above, without trailing zeros."""
    if value == int(value) or abs(value) >= A_THOUSAND:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def seconds(value: float, lang: str) -> str:
    """Return whole ms from 10 ms to a second (tenths below), then s, min, h and d with at most three digits.

    The dashboard writes its figures by the same rule (`frontend/src/lib/format.ts`).
    """
    words = WORDS.get(lang, WORDS["ko"])
    if abs(value) < A_SECOND:
        milliseconds = value * 1000
        return f"{number(round(milliseconds, 1 if abs(milliseconds) < 10 else None))} ms"
    if abs(value) < 120:
        return f"{number(round(value, 2))}{words['s']}"
    if abs(value) < 2 * HOUR_SECONDS:
        return f"{value / 60:.0f}{words['min']}"
    if abs(value) < 2 * DAY_SECONDS:
        return f"{number(round(value / HOUR_SECONDS, 1))}{words['h']}"
    return f"{number(round(value / DAY_SECONDS, 1))}{words['d']}"


def byte_count(value: float, lang: str) -> str:  # noqa: ARG001 - units are written alike
    """Return binary units with at most three digits: 536870912 → "512 MiB", 3000000 → "2.86 MiB"."""
    magnitude = min(len(BYTE_UNITS) - 1, int(math.log2(max(abs(value), 1)) // 10))
    return f"{number(value / 1024**magnitude)} {BYTE_UNITS[magnitude]}"


def percent(value: float, lang: str) -> str:  # noqa: ARG001 - percents are written alike
    """Return a ratio as percent, finer where it is small: 0.62 → "62 %", 0.004 → "0.4 %"."""
    scaled = value * 100
    digits = 0 if abs(scaled) >= 10 or scaled == int(scaled) else 1 if abs(scaled) >= 0.1 else 3
    return f"{scaled:.{digits}f} %"


def percentage(value: float, lang: str) -> str:  # noqa: ARG001 - percents are written alike
    return f"{number(value)} %"


def rate(value: float, lang: str) -> str:
    return f"초당 {number(round(value, 1))}건" if lang == "ko" else f"{number(round(value, 1))}/s"


def moment(value: float, lang: str) -> str:  # noqa: ARG001 - written alike
    """Return the time of day in UTC, led by the date where that is not today; a plain number where no calendar holds it."""
    if not 0 <= value < LAST_SECONDS:
        return number(value)
    at = datetime.fromtimestamp(value, UTC)
    return at.strftime("%H:%M:%S UTC" if at.date() == datetime.now(UTC).date() else "%Y-%m-%d %H:%M:%S UTC")


UNITS: Mapping[str, Callable[[float, str], str]] = {
    "at_seconds": moment,
    "bytes_per_request": byte_count,
    "bytes_per_second": lambda value, lang: byte_count(value, lang) + "/s",
    "bytes_per_hour": lambda value, lang: byte_count(value, lang) + "/h",
    "_per_second": rate,
    "seconds": seconds,
    "bytes": byte_count,
    "ratio": percent,
    "share": percent,
    "percent": percentage,
}


def _writer(name: str) -> Callable[[float, str], str] | None:
    return next((write for suffix, write in UNITS.items() if name.endswith(suffix)), None)
