"""Names and figures of Celery workers, by hand."""

from pathlib import Path

import pytest

from plugin_optimizer.domain import Metric, Plugin, Refused
from plugin_optimizer.touchpoints.celery.broker import Waiting, configured_url, without_password
from plugin_optimizer.touchpoints.celery.control import Held
from plugin_optimizer.touchpoints.celery.options import WorkerOptions
from plugin_optimizer.touchpoints.celery.pause import Pause, PauseFile
from plugin_optimizer.touchpoints.celery.process import CeleryMaster, Invocation
from plugin_optimizer.touchpoints.celery.roster import CeleryRoster, address_of, base_id
from plugin_optimizer.touchpoints.celery.sense import CelerySenses, TaskLook, task_rates
from plugin_optimizer.touchpoints.celery.tasks import DIRECTORY, LAYOUT, MAGIC, CountedTasks
from plugin_optimizer.touchpoints.process_identity import ProcessIdentity


def look(at: float, accepted: int, active: int, waiting: int) -> TaskLook:
    return TaskLook(at, accepted, Held(active, 0), Waiting(waiting, 0), at)


def test_rates_follow_from_totals() -> None:
    """4 tasks a second by 2 busy processes: half a second each; 20 that wait are 5 s of work."""
    figures = task_rates([look(0, 100, 2, 40), look(5, 120, 2, 30), look(10, 140, 2, 20)])
    assert figures[Metric.THROUGHPUT_PER_SECOND] == 4
    assert figures[Metric.REQUESTS] == 20
    assert figures[Metric.SERVICE_TIME_SECONDS] == pytest.approx(0.5)
    assert figures[Metric.QUEUE_WAIT_SECONDS] == pytest.approx(5.0)


def test_workers_that_share_a_queue_are_counted_together() -> None:
    """20 wait, and two workers begin 4 a second each: 2.5 s, whichever of them is asked."""
    senses, plugins = CelerySenses(), [Plugin("a", "celery"), Plugin("b", "celery")]
    seen: dict[Metric, float] = {}
    for at, accepted in ((0.0, 100), (10.0, 140)):
        for plugin in plugins:
            found = TaskLook(at, accepted, Held(2, 0), Waiting(20, 0), at, frozenset({"redis://h/0 mail"}))
            seen = {sample.metric: sample.value for sample in senses.task_samples(plugin, found, 2, 1.0)}
    assert seen[Metric.QUEUE_WAIT_SECONDS] == pytest.approx(2.5)
    alone = TaskLook(20.0, 180, Held(2, 0), Waiting(20, 0), 20.0, frozenset({"redis://h/0 other"}))
    seen = {sample.metric: sample.value for sample in senses.task_samples(plugins[0], alone, 2, 2.0)}
    assert seen[Metric.QUEUE_WAIT_SECONDS] == pytest.approx(5.0)


def test_counts_of_processes_become_shares_of_what_ended_since(tmp_path: Path) -> None:
    """A process that is new counts from nothing, one that is gone not at all; a retry is no end and no failure."""
    home, counted = tmp_path / "home", CountedTasks(tmp_path / "home")
    first, second, gone = (10, 1), (11, 1), (12, 1)

    def write(key: tuple[int, int], *counts: float) -> None:
        (home / "celery-tasks").mkdir(parents=True, exist_ok=True)
        (home / "celery-tasks" / f"{key[0]}-{key[1]}").write_bytes(LAYOUT.pack(MAGIC, *counts))

    write(first, 100, 50, 0, 1_000.0)
    write(gone, 5, 5, 0, 1.0)
    assert counted.figures("mail", frozenset({first, gone})) == {}
    write(first, 106, 52, 0, 1_003.0)
    write(second, 2, 0, 2, 1.0)
    figures = counted.figures("mail", frozenset({first, second}))
    assert figures[Metric.ERROR_RATIO] == pytest.approx(2 / 8)
    assert figures[Metric.SERVICE_TIME_SECONDS] == pytest.approx(4.0 / 10)
    assert counted.figures("mail", frozenset({first, second})) == {}
    (home / "celery-tasks" / "11-1").write_bytes(b"torn")
    assert counted.figures("mail", frozenset({second})) == {}
    counted.tidy()
    assert not list((home / "celery-tasks").iterdir())


def test_reader_and_writer_of_the_counts_agree() -> None:
    """Both sides name the place and the layout, as only one of them may import Celery."""
    from plugin_optimizer.probe import celery_tasks

    assert (celery_tasks.DIRECTORY, celery_tasks.MAGIC, celery_tasks.LAYOUT.format) == (DIRECTORY, MAGIC, LAYOUT.format)


def test_one_look_has_no_rate() -> None:
    """A total since the start of the worker says nothing about now."""
    assert task_rates([look(0, 100, 2, 40)]) == {}


def test_a_queue_that_nothing_serves_has_no_wait() -> None:
    """Infinite is no measurement; an empty queue without tasks is one of no wait."""
    assert Metric.QUEUE_WAIT_SECONDS not in task_rates([look(0, 100, 0, 3), look(5, 100, 0, 3)])
    assert task_rates([look(0, 100, 0, 0), look(5, 100, 0, 0)])[Metric.QUEUE_WAIT_SECONDS] == 0


def master(node: str, app: str = "shop", directory: str = "/srv/shop", pid: int = 100) -> CeleryMaster:
    identity = ProcessIdentity(pid, 1, 0, None, ("python",))
    return CeleryMaster(identity, Invocation(WorkerOptions(app=app), node), {}, Path(directory))


@pytest.mark.parametrize(
    ("node", "app", "directory", "expected"),
    [
        ("mail@box", "shop", "/srv/shop", "mail-celery"),
        ("celery@box", "shop.tasks:app", "/srv/shop", "shop.tasks.app-celery"),
        ("celery@box", "", "/srv/shop", "shop-celery"),
        ("celery-mail@box", "shop", "/srv/shop", "celery-mail"),
    ],
)
def test_a_worker_is_called_after_what_names_it_best(node: str, app: str, directory: str, expected: str) -> None:
    """Its own name, else its application's, never that of a web service of the same application."""
    assert base_id(master(node, app, directory)) == expected


def test_a_worker_keeps_its_name_when_others_come_and_its_host_is_renamed() -> None:
    """Ids follow node, application and directory; a claim without its node goes to the only one that fits."""
    roster = CeleryRoster()
    first, second = master("mail@box", pid=1), master("mail@other", directory="/srv/b", pid=2)
    assert roster.assign([first]) == {"mail-celery": first}
    assert roster.assign([second, first]) == {"mail-celery": first, "mail-celery-2": second}
    renamed = master("mail@new", pid=3)
    assert roster.assign([second, renamed]) == {"mail-celery": renamed, "mail-celery-2": second}


def test_a_plugin_of_the_configuration_claims_its_worker() -> None:
    """`node` alone is enough."""
    roster, found = CeleryRoster(), master("mail@box")
    roster.remember(Plugin("letters", "celery", {"node": "mail@box"}))
    assert roster.assign([found]) == {"letters": found}


def test_a_claim_that_fits_several_different_workers_gets_none_of_them() -> None:
    """Two brokers may have a worker of one name; the directory tells them apart, and one that is begun anew is no other."""
    roster, shop, bank = CeleryRoster(), master("mail@box", pid=1), master("mail@box", directory="/srv/bank", pid=2)
    roster.remember(Plugin("letters", "celery", {"node": "mail@box"}))
    assert "letters" not in roster.assign([shop, bank])
    assert roster.rivals("letters", [shop, bank]) == [shop, bank]
    roster.remember(Plugin("letters", "celery", {"node": "mail@box", "cwd": "/srv/bank"}))
    assert roster.assign([shop, bank])["letters"] == bank
    again = master("mail@box", directory="/srv/bank", pid=3)
    assert roster.rivals("letters", [bank, again]) == []
    assert roster.assign([shop, bank, again])["letters"] == bank


def test_no_address_holds_a_password() -> None:
    """What is shown of a worker names no broker; a URL is shown without who may use it."""
    assert "redis" not in str(dict(address_of(master("mail@box"))))
    assert without_password("redis://me:secret@h:1/2") == "redis://***@h:1/2"
    assert without_password("redis://h:1/2") == "redis://h:1/2"


def test_a_configured_broker_may_be_kept_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a variable or a file; and what is no Redis is refused, the URL not repeated."""
    monkeypatch.setenv("BROKER", "redis://h/3")
    (tmp_path / "url").write_text("rediss://h/4\n")
    assert configured_url("env:BROKER") == "redis://h/3"
    assert configured_url(f"file:{tmp_path / 'url'}") == "rediss://h/4"
    with pytest.raises(Refused) as refused:
        configured_url("amqp://me:secret@h/")
    assert "secret" not in str(refused.value)


def test_a_record_of_a_pause_is_read_as_it_was_written(tmp_path: Path) -> None:
    """What is owed survives the one who owes it; a record that is not whole owes nothing."""
    file, pause = PauseFile(tmp_path / "home", "mail@box"), Pause("mail@box", 1, 2, ("a", "b"), 3, 4, 5.0)
    file.write(pause)
    assert file.read() == pause
    assert pause.orphaned
    file.path.write_text('{"node": "mail@b')
    assert file.read() is None
    file.clear()
    file.clear()
    assert file.read() is None
