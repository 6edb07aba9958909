"""A queue of tasks by its counts, by hand and against simulated queues."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from task_queues import steady

from plugin_optimizer.domain import Policy
from plugin_optimizer.models.task_queue import TaskQueue, arrivals, is_task_queue, task_queue


def queue(arrivals_per_second: float, service_seconds: float, waiting: float, cpu_seconds: float = 0.0) -> TaskQueue:
    return TaskQueue(1, 60.0, 100, arrivals_per_second, 1.0, service_seconds, cpu_seconds, waiting, 0.0)


def test_what_arrived_is_what_was_begun_and_what_the_queue_grew_by() -> None:
    """The table of the docstring."""
    found = arrivals(np.array([4.0, 4.0, 4.0, 8.0]), np.array([10.0, 10.0, 16.0, 0.0]))
    np.testing.assert_array_equal(found, [np.nan, 4.0, 10.0, 0.0])


def test_a_backlog_goes_by_what_is_to_spare() -> None:
    """2 a second arrive, 4 processes do 4 a second: 60 tasks take 30 s; 2 processes never get there."""
    found = queue(2.0, 1.0, 60.0)
    assert found.drain_seconds(4) == 30.0
    assert found.drain_seconds(2) == np.inf


def test_the_steady_wait_is_that_of_erlang() -> None:
    """One server half busy: W = ρ / (μ - λ) = 0.5 / 0.5 = 1 s."""
    assert queue(0.5, 1.0, 0.0).steady_wait_seconds(1) == pytest.approx(1.0)
    assert queue(1.0, 1.0, 0.0).steady_wait_seconds(1) == np.inf


def test_enough_processes_are_enough_for_load_backlog_and_wait() -> None:
    """2 a second of 1 s with 600 waiting, gone in 300 s: 4 processes do it."""
    assert queue(2.0, 1.0, 600.0).workers_for(60.0, 300.0, 1.0) == 4
    assert queue(2.0, 1.0, 0.0).workers_for(60.0, 300.0, 1.0) == 3  # at most 85 % busy
    assert queue(0.0, 1.0, 0.0).workers_for(60.0, 300.0, 1.0) == 1


def test_cores_bound_what_processes_can_do() -> None:
    """A task that computes half of its time keeps 0.5 of a core busy: 2 cores at 85 % bear 3.4 processes."""
    assert queue(1.0, 1.0, 0.0, cpu_seconds=0.5).most_for_cores(2.0) == pytest.approx(3.4)
    assert queue(1.0, 1.0, 0.0).most_for_cores(2.0) == np.inf


@given(
    st.floats(0.01, 50.0), st.floats(0.01, 20.0), st.floats(0.0, 5_000.0), st.floats(0.05, 60.0), st.floats(1.0, 2.0)
)
def test_the_smallest_number_keeps_every_promise_and_one_less_breaks_one(
    rate: float, seconds: float, waiting: float, wait: float, stress: float
) -> None:
    """Whatever the queue, the answer is the first that fits."""
    found = queue(rate, seconds, waiting)
    workers = found.workers_for(wait, 300.0, stress)

    def fits(count: int) -> bool:
        used = stress * found.load <= 0.85 * count * (1 + 1e-6)
        drains = (rate + waiting / 300.0) * seconds <= count * (1 + 1e-6)
        return used and drains and found.steady_wait_seconds(count, stress) <= wait

    assert fits(workers)
    assert workers == 1 or not fits(workers - 1)


@pytest.mark.parametrize("seed", range(5))
def test_rates_are_read_off_a_queue_that_grows(seed: int) -> None:
    """More arrives than is begun: both are told, though nothing tells arrivals themselves."""
    course = steady(2, 6.0, 0.5, seed=seed)
    found = task_queue(course.view(Policy()), course.window)
    assert found is not None
    assert found.arrivals_per_second == pytest.approx(6.0, rel=0.2)
    assert found.begun_per_second == pytest.approx(4.0, rel=0.2)
    assert found.growing


def test_long_tasks_are_watched_for_longer() -> None:
    """20 tasks of a minute each by 4 processes take five minutes to be begun."""
    course = steady(4, 0.2, 60.0, looks=120, backlog=30)
    found = task_queue(course.view(Policy()), course.window)
    assert found is not None
    assert found.span_seconds >= 300.0
    assert found.tasks >= 20


def test_a_plugin_without_a_counted_queue_is_none() -> None:
    """Requests are no tasks."""
    course = steady(2, 1.0, 0.1)
    window = course.window
    assert is_task_queue(course.view(Policy()), window)
    assert not is_task_queue(course.view(Policy()), type(window)(("mail",), window.times, 5.0, {}))
