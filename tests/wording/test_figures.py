"""Figures and particles as people write them."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugin_optimizer.domain import Message
from plugin_optimizer.wording import render
from plugin_optimizer.wording.figure import figure
from plugin_optimizer.wording.particle import with_particle

NAMELESS = frozenset({"step_not_seen", "only_part_happened", "first_step"})  # whose knob stands beside them


@pytest.mark.parametrize(
    ("name", "value", "ko", "en"),
    [
        ("wait_seconds", 1.234, "1.23초", "1.23 s"),
        ("wait_seconds", 0.35, "350 ms", "350 ms"),
        ("wait_seconds", 0, "0 ms", "0 ms"),
        ("wait_seconds", 0.0664, "66 ms", "66 ms"),
        ("wait_seconds", 0.00664, "6.6 ms", "6.6 ms"),
        ("wait_seconds", 0.9997, "1초", "1 s"),
        ("wait_seconds", 12.345, "12.3초", "12.3 s"),
        ("wait_seconds", 600, "10분", "10 min"),
        ("wait_seconds", 10_800, "3시간", "3 h"),
        ("wait_seconds", 864_000, "10일", "10 d"),
        ("memory_bytes", 120 * 2**20, "120 MiB", "120 MiB"),
        ("memory_bytes", 120e6, "114 MiB", "114 MiB"),
        ("memory_bytes", 999, "999 B", "999 B"),
        ("memory_bytes", 1.5 * 2**30, "1.5 GiB", "1.5 GiB"),
        ("memory_bytes", 2**30 - 1, "1,024 MiB", "1,024 MiB"),
        ("share_ratio", 0.62, "62 %", "62 %"),
        ("error_ratio", 0.0042, "0.4 %", "0.4 %"),
        ("error_ratio", 0, "0 %", "0 %"),
        ("arrivals_per_second", 14.23, "초당 14.2건", "14.2/s"),
        ("growth_bytes_per_second", 2400, "2.34 KiB/s", "2.34 KiB/s"),
        ("since_at_seconds", 1_795_000_000, "2026-11-18 11:06:40 UTC", "2026-11-18 11:06:40 UTC"),
        ("requests", 12345, "12,345", "12,345"),
        ("workers", 4.0, "4", "4"),
        ("load_workers", 3.14159, "3.14", "3.14"),
        ("wait_seconds", None, "–", "–"),
        ("wait_seconds", float("nan"), "–", "–"),
        ("knob", "workers", "workers", "workers"),
        ("requests", 10**400, "∞", "∞"),
    ],
)
def test_a_figure_is_written_by_its_unit(name: str, value: object, ko: str, en: str) -> None:
    """The last word of a parameter's name decides."""
    assert (figure(name, value, "ko"), figure(name, value, "en")) == (ko, en)


@pytest.mark.parametrize(
    ("knob", "value", "ko", "en"),
    [
        ("maxmemory", 536_870_912, "512 MiB", "512 MiB"),
        ("cache_memlimit", 64 * 2**20, "64 MiB", "64 MiB"),
        ("MemoryMax", 2**30, "1 GiB", "1 GiB"),
        ("container_memory_limit", 2**30, "1 GiB", "1 GiB"),
        ("CPUQuota", 150, "150 %", "150 %"),
        ("cpu_percent", 150, "150 %", "150 %"),
        ("harakiri", 30, "30초", "30 s"),
        ("menu.ttl_seconds", 30, "30초", "30 s"),
        ("timeout", 30, "30초", "30 s"),
        ("workers", 4, "4", "4"),
        ("maxmemory-policy", "allkeys-lru", "allkeys-lru", "allkeys-lru"),
    ],
)
def test_the_value_of_a_setting_is_written_by_what_the_setting_counts(
    knob: str, value: object, ko: str, en: str
) -> None:
    """Nobody reads ten million bytes as a figure of its own."""
    message = Message("mark_execution", {"knob": knob, "before": value, "after": value})
    assert (render(message, "ko"), render(message, "en")) == (f"{knob}: {ko} → {ko}", f"{knob}: {en} → {en}")


@pytest.mark.parametrize(
    "code",
    [
        *("foreign_value", "value_moved", "step_not_seen", "only_part_happened", "rail_dead_band", "rail_step"),
        *("rail_needed", "out_of_bounds", "first_step", "undo_setting"),
    ],
)
def test_a_sentence_about_a_setting_speaks_its_unit(code: str) -> None:
    """No message about a number of bytes shows the number; one from before messages named the setting still is a sentence."""
    names = ("value", "expected", "before", "after", "needed", "wanted", "from", "to", "minimum", "maximum")
    given = dict.fromkeys(names, 536_870_912)
    for lang in ("ko", "en"):
        said = render(Message(code, {"knob": "maxmemory", **given}), lang)
        assert ("512 MiB" in said, "maxmemory" in said or code in NAMELESS, "536" in said) == (True, True, False), said
        assert not re.search(r"\[\[|\]\]|  | [.,;:)]", render(Message(code, given), lang))


def test_a_moment_of_today_is_a_time_of_day() -> None:
    """The date is said only where it is another one; the zone always."""
    now = datetime.now(UTC)
    today = now.replace(hour=9, minute=24, second=47, microsecond=0)
    assert figure("since_at_seconds", today.timestamp(), "en") == "09:24:47 UTC"
    yesterday = today - timedelta(days=1)
    assert figure("since_at_seconds", yesterday.timestamp(), "ko") == f"{yesterday:%Y-%m-%d} 09:24:47 UTC"


@pytest.mark.parametrize(
    ("word", "particle", "whole"),
    [
        ("주문", "은", "주문은"), ("메뉴", "은", "메뉴는"), ("메뉴", "이", "메뉴가"), ("주문", "을", "주문을"),
        ("서울", "으로", "서울로"), ("부산", "으로", "부산으로"), ("4", "으로", "4로"), ("3", "으로", "3으로"),
        ("1", "으로", "1로"), ("6", "이", "6이"), ("2", "이", "2가"), ("62 %", "으로", "62 %로"), ("120 MiB", "으로", "120 MiB로"),
        ("orders", "이", "orders가"), ("menu", "은", "menu는"), ("mail", "이", "mail이"), ("web", "은", "web은"),
        ("응답 시간(p95)", "이", "응답 시간(p95)가"), ("1.2초", "으로", "1.2초로"), ("–", "이", "–가"), ("", "은", "는"),
    ],
)  # fmt: skip
def test_the_particle_follows_the_sound(word: str, particle: str, whole: str) -> None:
    """By the final consonant of the last syllable, read aloud."""
    assert with_particle(word, particle) == whole


@given(st.text(), st.sampled_from(["은", "이", "을", "과", "으로"]))
def test_any_word_takes_a_particle(word: str, particle: str) -> None:
    """Whatever the word, it is kept whole."""
    assert with_particle(word, particle).startswith(word)


def test_a_value_takes_the_unit_of_its_metric() -> None:
    """`value` and `limit` beside a `metric` are written in the metric's unit."""
    params = {"metric": "error_ratio", "value": 0.124, "limit": 0.05}
    assert render(Message("finding_error", params), "en") == "error rate rose to 12 % (limit 5 %)"
    assert render(Message("finding_error", params), "ko") == "에러율이 12 %로 올랐습니다(기준 5 %)"


def test_what_is_not_known_is_left_out() -> None:
    """An optional part goes when its figure is missing."""
    assert render(Message("too_little_data", {"kind": "memory"}), "en") == "Too little data yet"
    whole = {"requests": 12, "needed_requests": 200, "span_seconds": 30.0, "needed_seconds": 60.0}
    assert (
        render(Message("too_little_data", whole), "en")
        == "Too little data yet: 12 requests of 200, 30 s observed of 60 s"
    )
