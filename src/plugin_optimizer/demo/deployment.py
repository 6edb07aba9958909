"""The colleague: first the price settings as they were, then, some time later, a change of one of them."""

from pathlib import Path

PRICING = """\
# Price settings of the inventory service, which reads this file again whenever it changes.
rounding = "{rounding}"
wholesale_discount_percent = "12.5"
"""
BEFORE, AFTER = "half_up", "exact"


def prepare(pricing: Path) -> None:
    """Write the settings as they are before the change, unless there are some from an earlier start."""
    if not pricing.exists():
        _replace(pricing, BEFORE)


def deploy(pricing: Path) -> str | None:
    """Change the rounding of prices; return what was done, in words, or None where it was done before."""
    if pricing.exists() and pricing.read_text() == PRICING.format(rounding=AFTER):
        return None
    _replace(pricing, AFTER)
    return f"somebody deployed a change of {pricing.name}: rounding {BEFORE} -> {AFTER}"


def _replace(pricing: Path, rounding: str) -> None:
    draft = pricing.with_suffix(".new")
    draft.write_text(PRICING.format(rounding=rounding))
    draft.replace(pricing)
