"""What costs a computation is made once, by one thread, and does not make others wait for it."""

import contextlib
import threading

from plugin_optimizer.web.computed import Computed


def test_an_answer_is_kept_for_its_time() -> None:
    """Made anew only when it is old; each question has its own."""
    now, made = [0.0], []

    def make() -> int:
        made.append(1)
        return len(made)

    kept: Computed[int] = Computed(10.0, clock=lambda: now[0])
    assert [kept.of("a", make), kept.of("a", make), kept.of("b", make)] == [1, 1, 2]
    now[0] = 10.0
    assert kept.of("a", make) == 3


def test_whoever_asks_while_it_is_made_anew_gets_the_old_one() -> None:
    """A second thread returns at once; with nothing to fall back on it would wait."""
    now = [0.0]
    kept: Computed[str] = Computed(10.0, clock=lambda: now[0])
    kept.of("a", lambda: "old")
    now[0] = 20.0
    begun, go_on = threading.Event(), threading.Event()

    def slow() -> str:
        begun.set()
        assert go_on.wait(5)
        return "new"

    thread = threading.Thread(target=kept.of, args=("a", slow))
    thread.start()
    assert begun.wait(5)
    assert kept.of("a", lambda: "never") == "old"
    go_on.set()
    thread.join(5)
    assert kept.of("a", lambda: "never") == "new"


def test_a_failure_leaves_the_way_free() -> None:
    """What raised is not kept, and the next one may try."""
    kept: Computed[int] = Computed(10.0)

    def broken() -> int:
        raise ValueError

    for _ in range(2):
        with contextlib.suppress(ValueError):
            kept.of("a", broken)
    assert kept.of("a", lambda: 7) == 7
