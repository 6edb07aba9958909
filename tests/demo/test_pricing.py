"""Prices, and the setting that breaks some of them."""

import os
from decimal import Decimal, Inexact
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugin_optimizer.demo import deployment
from plugin_optimizer.demo.services.pricing import PriceFile, PriceSettings, price, read_settings

SETTINGS = PriceSettings("half_up", Decimal("12.5"))
items = st.integers(1, 400)


def test_a_wholesale_price_worked_by_hand() -> None:
    """Item 1 costs 2.19; 12.5 % less is 1.91625, in whole cents 1.92."""
    assert price(1, "shop", SETTINGS, "half_up") == Decimal("2.19")
    assert price(1, "wholesale", SETTINGS, "half_up") == Decimal("1.92")


@given(items)
def test_exact_prices_fail_for_wholesale_customers_only(item: int) -> None:
    """The fault is a real one, and it hits one kind of input."""
    assert price(item, "shop", SETTINGS, "exact") == price(item, "shop", SETTINGS, "half_up")
    with pytest.raises(Inexact):
        price(item, "wholesale", SETTINGS, "exact")


def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    """What the colleague deploys is seen at the next look, and only once."""
    path = tmp_path / "pricing.toml"
    deployment.prepare(path)
    os.utime(path, ns=(1, 1))
    file = PriceFile(path)
    assert not file.reread()
    assert "half_up -> exact" in str(deployment.deploy(path))
    assert deployment.deploy(path) is None
    assert file.reread()
    assert file.settings.rounding == "exact"
    assert not file.reread()


def test_a_wrong_rounding_says_what_would_be_right(tmp_path: Path) -> None:
    """Errors name the file and the choices."""
    path = tmp_path / "pricing.toml"
    path.write_text('rounding = "up"\nwholesale_discount_percent = "12.5"\n')
    with pytest.raises(ValueError, match="half_up or exact"):
        read_settings(path)
