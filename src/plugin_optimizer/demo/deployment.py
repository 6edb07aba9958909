"""The colleague: first the price settings as they were, then, some time later, a change of one of them."""

from pathlib import Path

PRICING = """\
# Price settings of the inventory service, which reads this file again whenever it changes.
rounding = "{rounding}"
wholesale_discount_percent = "12.5"
"""
BEFORE, AFTER = "half_up", "exact"


def prepare(pricing: Path) -> None:
    """Write the settings as they are before the change."""
    _replace(pricing, BEFORE)


def deploy(pricing: Path) -> str:
    """Change the rounding of prices; return what was done, in words."""
    _replace(pricing, AFTER)
    return f"somebody deployed a change of {pricing.name}: rounding {BEFORE} -> {AFTER}"


def _replace(pricing: Path, rounding: str) -> None:
    draft = pricing.with_suffix(".new")
    draft.write_text(PRICING.format(rounding=rounding))
    draft.replace(pricing)
