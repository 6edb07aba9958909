"""Amounts are read exactly as Kubernetes means them, and written so that it means the same."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugin_optimizer.domain import Unobservable
from plugin_optimizer.touchpoints.kubernetes.quantity import bytes_text, cores_text, parse_quantity


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("500m", Fraction(1, 2)),
        ("2", 2),
        (2, 2),
        ("0.1", Fraction(1, 10)),
        (".5", Fraction(1, 2)),
        ("128Mi", 134217728),
        ("1.5Gi", 1610612736),
        ("129M", 129_000_000),
        ("129e6", 129_000_000),
        ("1E", 10**18),
        ("1E3", 1000),
        ("150000000n", Fraction(3, 20)),
        ("7u", Fraction(7, 10**6)),
        ("16384Ki", 16 << 20),
        ("-1", -1),
    ],
)
def test_quantities_of_the_documentation(text: object, value: Fraction) -> None:
    """Each suffix; `1E` is an exa, `1E3` a thousand."""
    assert parse_quantity(text) == value


@pytest.mark.parametrize(
    "text", ["", "m", "1 Gi", "1Kib", "1e", "0x10", "1_000", "٣", "nan", "1mi", "1" + "e9999", "1\n"]
)
def test_what_is_no_quantity_is_refused(text: str) -> None:
    """And says so."""
    with pytest.raises(Unobservable, match="is no quantity"):
        parse_quantity(text)


@given(st.integers(1, 10**6), st.integers(0, 2**44))
def test_what_is_written_is_read_back(millicores: int, count: int) -> None:
    """Thousandths of a core and bytes, whatever their suffix."""
    assert parse_quantity(cores_text(millicores / 1000)) == Fraction(millicores, 1000)
    assert parse_quantity(bytes_text(count)) == count
