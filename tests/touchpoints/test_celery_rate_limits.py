"""How often tasks may begin is read as Celery reads it."""

import pytest

from plugin_optimizer.touchpoints.celery.rate_limits import MOST_TASKS, RateLimit, limits_of, offered, per_minute_of


@pytest.mark.parametrize("rate", ["10/s", "10", "30/m", "120/h", "0.5/s", "0", ""])
def test_a_rate_means_what_celery_takes_it_for(rate: str) -> None:
    """Per minute, whatever period it is written in; 0 and nothing are no limit."""
    pytest.importorskip("celery")
    from celery.utils.time import rate as per_second

    assert per_minute_of(rate) == pytest.approx(60 * per_second(rate))


def test_an_answer_is_read_task_by_task_and_what_is_not_understood_is_left_out() -> None:
    """With a limit, without one, lifted, of another form."""
    told = ["shop.mail [rate_limit=10/s]", "shop.print", "shop.scan [rate_limit=0]", "shop.odd [rate_limit=5/week]"]
    assert limits_of(told, {"shop.print": 7}) == [
        RateLimit("shop.mail", 600.0),
        RateLimit("shop.print", 0.0, 7),
        RateLimit("shop.scan"),
    ]


def test_of_many_tasks_those_that_matter_are_offered() -> None:
    """Those with a limit and those begun most often, in the order of their names."""
    limits = [RateLimit(f"t{number:02}", begun=number) for number in range(40)] + [RateLimit("a", 5.0)]
    names = [limit.task for limit in offered(limits)]
    assert names == ["a", *(f"t{number}" for number in range(40 - MOST_TASKS + 1, 40))]
    assert offered(limits[:3]) == limits[:3]


def test_a_rate_beyond_the_usual_bounds_lies_within_its_own() -> None:
    """What a worker was started with can be turned back to."""
    knob = RateLimit("shop.mail", 90_000.5).knob
    assert knob.checked(knob.value) == 90_000.5
    assert not knob.persistent
