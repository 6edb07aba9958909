"""One look at a page in Prometheus' text format."""

from collections import Counter
from collections.abc import Mapping

from ...domain import InvalidValue, Unobservable
from .exposition import Page, lines_of
from .fetch import fetch
from .limits import MetricsIn
from .meaning import Mapped
from .points import Point
from .settings import PluginMetrics

ACCEPT = "text/plain;version=0.0.4;q=1,*/*;q=0.1"


def scrape(
    settings: PluginMetrics, mapped: Mapping[str, Mapped], limits: MetricsIn, now: float
) -> tuple[list[Point], Counter[str]]:
    """Return what the page says of the plugin, and what of it was refused, by reason. Raises Gone, Unobservable."""
    raw = fetch(settings.scrape, limits.inflated_bytes, settings.bearer_file, accept=ACCEPT)
    page = Page(mapped, settings.labels, limits, now)
    try:
        points = page.points(lines_of(raw.decode("utf-8"), mapped))
    except (InvalidValue, UnicodeDecodeError) as error:
        raise Unobservable(f"{settings.scrape} is no page in Prometheus' text format: {error}") from error
    return points, page.refused
