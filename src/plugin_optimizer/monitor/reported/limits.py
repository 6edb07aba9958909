"""How much others may send us; all of it is limited from the start, before anything is stored."""

from dataclasses import dataclass, fields

from ...domain import ConfigError


@dataclass(frozen=True, slots=True)
class MetricsIn:
    """What is taken in of figures that others measured (`docs/METRICS_IN.md`). Whatever exceeds a limit is refused, counted and shown."""

    enabled: bool = True  # whether the API takes pushes; scraping and pulling are set for each plugin
    body_bytes: int = 4_194_304  # of a request, as it was sent
    inflated_bytes: int = 16_777_216  # of a request or a scraped page, decompressed
    inflation_ratio: int = 100  # decompressed to compressed
    points: int = 20_000  # of a request or a scraped page
    labels: int = 16  # of a series
    label_name_bytes: int = 64
    label_value_bytes: int = 256
    series_of_metric: int = 1_000  # of one metric of one plugin
    series_of_plugin: int = 5_000
    series: int = 200_000  # of all plugins
    requests_per_second: float = 20.0  # of a token
    requests_at_once: float = 40.0  # of a token that was quiet before
    points_per_second: float = 2_000.0  # of a plugin, over 10 s; ten times as many of all together
    waiting_bytes: int = 67_108_864  # taken in and not yet looked at


def check_limits(limits: MetricsIn) -> None:
    """Raise ConfigError for a limit that lets nothing through."""
    for field in fields(limits):
        value = getattr(limits, field.name)
        if field.name != "enabled" and not value > 0:
            raise ConfigError(f"metrics_in.{field.name} is {value:g}; expected more than 0 (there is no 'unlimited')")
