"""What the page of one plugin asks: charts on a grid, marks, forecasts, where time goes, and the curves of what-ifs."""

import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from backoffice import poisson, record
from web.conftest import Api
from web.small_system import SmallSystem, add_plugin, finding, finish, offer, record_cycle

from plugin_optimizer.domain import (
    ErrorGroup,
    ExecutionState,
    Knob,
    Metric,
    Pool,
    RequestTrace,
    Sample,
    SeenSettings,
    SettingChange,
)
from plugin_optimizer.knowledge.recordings import open_recorder
from plugin_optimizer.probe.cache import TunableCache
from plugin_optimizer.probe.outbox import Outbox
from plugin_optimizer.probe.places import ProcessIdentity
from plugin_optimizer.probe.report import Report
from plugin_optimizer.web.resources import curves

P95 = "response_time_p95_seconds"


def requests(begin: float, seconds: float, rate: float = 12.0, workers: int = 2) -> RequestTrace:
    """Return requests of 150 ms, most of it off the CPU, served by so many workers."""
    rng = np.random.default_rng(5)
    arrival = poisson(rng, rate, seconds, begin)
    return record(arrival, rng.gamma(4.0, 0.15 / 4.0, len(arrival)), workers, cpu=0.02)


def put_on_record(system: SmallSystem, trace: RequestTrace, *settings: SeenSettings) -> None:
    recorder = open_recorder(system.config.state_dir / "requests.db", 10.0)
    assert recorder is not None
    recorder.record({"orders": trace}, {}, settings[0].at if settings else time.time())
    for seen in settings:
        recorder.record({}, {"orders": seen}, seen.at)
    recorder.close()


def fill_cache(home: Path) -> None:
    """Let this process be one of the plugin's, whose cache is asked for 64 keys in turn."""
    process = ProcessIdentity.own()
    cache: TunableCache[int, int] = TunableCache("menu", 16, plugin="orders-cache")
    for access in range(64 * 40):
        if cache.get(access % 64) is None:
            cache.put(access % 64, access)
    outbox = Outbox(home, "orders", process)
    outbox.keys("menu", cache.drain())
    outbox.report(Report(process.pid, process.start_ticks, 1.0, 1, time.time(), "gunicorn", (), (cache.report(),)))
    outbox.close()


def pool(at: float, *pids: int) -> Pool:
    return Pool("sync", workers=max(2, len(pids)), cores=2.0, spawned=dict.fromkeys(pids, at))


@pytest.fixture
def busy(system: SmallSystem) -> SmallSystem:
    """A plugin with two workers and ten minutes of requests that often wait for one of them."""
    now = time.time()
    add_plugin(system)
    at = [now - 5.0 * step for step in range(120)]
    system.samples.write([Sample("orders", Metric.WORKERS, each, 2.0) for each in at])
    system.known_pools["orders"] = pool(now - 3600, 11, 12)
    put_on_record(system, requests(now - 590, 580))
    return system


def test_all_metrics_share_one_grid(system: SmallSystem, viewer: Api) -> None:
    """By hand: six samples of one value each five seconds are six buckets; what was never measured has no series."""
    add_plugin(system)
    begin = 1_760_000_000.0
    system.samples.write([Sample("orders", Metric.RESTARTS, begin + 5 * i, 0.0) for i in (0, 2)])
    system.samples.write([Sample("orders", Metric.CPU_RATIO, begin + 5 * i, 0.25) for i in range(6)])
    chart = viewer.get(f"/plugins/orders/chart?from={begin}&to={begin + 30}").json
    assert (chart["step_seconds"], chart["from"]) == (5.0, "2025-10-09T08:53:20.000Z")
    assert chart["series"]["cpu_ratio"] == [0.25] * 6
    assert chart["series"]["restarts"] == [0, None, 0, None, None, None]
    assert "cache_hit_ratio" not in chart["series"]
    assert chart["compared"] is None


def test_the_grid_stands_still_while_time_goes_on(system: SmallSystem, viewer: Api) -> None:
    """Two looks at overlapping stretches put the same sample into the same bucket."""
    add_plugin(system)
    begin = 1_760_000_000.0
    system.samples.write([Sample("orders", Metric.CPU_RATIO, begin + i, i / 100) for i in range(0, 100, 5)])
    one = viewer.get(f"/plugins/orders/chart?from={begin}&to={begin + 60}&points=6").json
    other = viewer.get(f"/plugins/orders/chart?from={begin + 17}&to={begin + 77}&points=6").json
    assert one["step_seconds"] == other["step_seconds"] == 10
    assert other["from"] == "2025-10-09T08:53:30.000Z"
    assert one["series"]["cpu_ratio"][1:] == other["series"]["cpu_ratio"][:5]


def test_a_grid_goes_on_where_it_ended(system: SmallSystem, viewer: Api) -> None:
    """The buckets since, by the same step, are those that the whole would have; a step too fine for its stretch is refused."""
    add_plugin(system)
    begin = 1_760_000_000.0
    system.samples.write([Sample("orders", Metric.CPU_RATIO, begin + i, i / 100) for i in range(0, 100, 5)])
    whole = viewer.get(f"/plugins/orders/chart?from={begin}&to={begin + 95}&points=10").json
    rest = viewer.get(f"/plugins/orders/chart?from={begin + 75}&to={begin + 95}&step_seconds=10").json
    assert (rest["step_seconds"], rest["to"]) == (10, whole["to"])
    assert rest["series"]["cpu_ratio"] == whole["series"]["cpu_ratio"][-3:]
    assert viewer.get(f"/plugins/orders/chart?from={begin}&to={begin + 9000}&step_seconds=1").status_code == 400


def test_yesterday_lies_on_the_same_grid(system: SmallSystem, viewer: Api) -> None:
    """The value of 24 hours earlier stands in the bucket of now."""
    add_plugin(system)
    begin = 1_760_000_000.0
    system.samples.write([Sample("orders", Metric.CPU_RATIO, begin + 10, 0.5)])
    system.samples.write([Sample("orders", Metric.CPU_RATIO, begin + 10 - 86_400, 0.125)])
    chart = viewer.get(f"/plugins/orders/chart?from={begin}&to={begin + 30}&shift_seconds=86400").json
    assert chart["series"]["cpu_ratio"][2] == 0.5
    assert chart["compared"]["cpu_ratio"] == [None, None, 0.125, None, None, None]


def test_everything_that_was_changed_is_a_mark(system: SmallSystem, viewer: Api) -> None:
    """Execution and its undo, a setting from outside, a policy with its fields and its author, a deployment, a restart."""
    add_plugin(system)
    now = time.time()
    execution, _ = system.state.approve(offer(system).id, None, "kim", None, now)
    finish(system, execution.id, ExecutionState.ROLLED_BACK)
    system.state.record_setting_change(SettingChange("orders", "timeout", 30, 60, now - 30))
    system.state.save_policy("orders", {"error_ratio": 0.02}, "lee", now - 40)
    system.state.save_policy("", {"cpu_ratio": 0.7}, "lee", now - 45)
    system.state.save_policy("other", {"cpu_ratio": 0.6}, "lee", now - 45)
    looks = [SeenSettings(now - age, 2, pool=pool(now - age, *pids)) for age, pids in ((900, (1, 2)), (60, (8, 9)))]
    put_on_record(system, RequestTrace.empty(), *looks)
    system.samples.write(
        [Sample("orders", Metric.RESTARTS, now - 62, 2.0), Sample("orders", Metric.RESTARTS, now - 300, 1.0)]
    )
    marks = viewer.get("/plugins/orders/chart?lang=en").json["marks"]
    kinds = [mark["kind"] for mark in marks]
    assert kinds == ["restart", "deployment", "policy", "policy", "setting", "execution", "rollback"]
    assert marks == viewer.get("/plugins/orders/metrics?lang=en").json["marks"]
    said = {mark["kind"]: mark for mark in marks}
    assert said["execution"] | {"at": ""} == {
        "at": "", "kind": "execution", "text": "workers: 2 → 4", "execution_id": execution.id, "by": "kim", "audit_number": None,
    }  # fmt: skip
    assert (said["policy"]["by"], said["policy"]["execution_id"]) == ("lee", None)
    assert "rror" in said["policy"]["text"]
    (entry,) = system.state.audit(1, action="policy.saved", subject="orders")
    assert [mark["audit_number"] for mark in marks if mark["kind"] == "policy"][-1] == entry.number
    assert said["deployment"]["text"] == "Deployed or restarted as a whole (2 new workers)"


def test_what_was_wrong_has_its_beginning_on_the_axis(system: SmallSystem, viewer: Api) -> None:
    """What is found now is present; what led to a suggestion and is gone is not, and is told once."""
    add_plugin(system)
    old = replace(finding(), metric=Metric.RESPONSE_TIME_P95_SECONDS, since=time.time() - 900)
    offer(system, findings=(finding(), old))
    record_cycle(system, findings=(finding(),))
    onsets = viewer.get("/plugins/orders/chart?lang=en").json["onsets"]
    assert [(each["metric"], each["present"]) for each in onsets] == [(P95, False), ("queue_wait_seconds", True)]


def test_a_band_is_told_only_from_enough_past(system: SmallSystem, viewer: Api) -> None:
    """Two hours of a level series give a band about it; a plugin just seen says why there is none."""
    add_plugin(system, "young")
    now = time.time()
    rng = np.random.default_rng(1)
    add_plugin(system)
    values = 0.5 + rng.normal(0, 0.02, 240)
    system.samples.write([Sample("orders", Metric.CPU_RATIO, now - 30 * i, float(v)) for i, v in enumerate(values)])
    found = viewer.get("/plugins/orders/forecast").json
    assert found["probability"] == 0.8
    band = found["bands"]["cpu_ratio"]
    assert (band["rests_on"], found["why_not"]) == ("changes", None)
    assert all(0.4 < low <= expected <= high < 0.6 for _, expected, low, high in band["points"])
    none = viewer.get("/plugins/young/forecast").json
    assert none["bands"] == {}
    assert none["why_not"]["code"] == "too_young_to_foretell"


def test_in_maintenance_nothing_is_foretold_and_holidays_are_left_out(system: SmallSystem, viewer: Api) -> None:
    """It says until when; a day ahead that is a holiday has no point of its own."""
    now = time.time()
    add_plugin(system)
    hours = np.arange(1, 24 * 21)
    values = 50 + 20 * np.sin(2 * np.pi * (now - 3600 * hours) / 86_400)
    metric = Metric.THROUGHPUT_PER_SECOND
    system.samples.write(
        [Sample("orders", metric, now - 3600 * int(h), float(v)) for h, v in zip(hours, values, strict=True)][::-1]
    )
    ahead = viewer.get("/plugins/orders/forecast?ahead=day").json["bands"]["throughput_per_second"]["points"]
    tomorrow = time.strftime("%Y-%m-%d UTC", time.gmtime(now + 86_400))
    system.state.save_policy("orders", {"holidays": [tomorrow]}, "kim", now)
    bands = viewer.get("/plugins/orders/forecast?ahead=day").json["bands"]
    left = (
        bands["throughput_per_second"]["points"] if bands else []
    )  # late in the evening the day ahead is tomorrow alone
    assert len(left) < len(ahead)
    assert all(not at.startswith(tomorrow[:10]) for at, *_ in left)
    assert bool(left) == any(not at.startswith(tomorrow[:10]) for at, *_ in ahead)
    system.state.save_policy("orders", {"maintenance": ["Mon-Sun 00:00-24:00 UTC"]}, "kim", now)
    none = viewer.get("/plugins/orders/forecast").json
    assert (none["bands"], none["why_not"]["code"]) == ({}, "in_maintenance")


def test_time_is_parted_into_what_it_was_spent_on(busy: SmallSystem, viewer: Api) -> None:
    """Waiting, computing, waiting for a core, off the CPU: together all of it, with what stands out in words."""
    found = viewer.get("/plugins/orders/anatomy?lang=en").json
    assert sum(found["parts"].values()) == pytest.approx(1.0)
    assert found["parts"]["queue_ratio"] > 0.2
    assert found["bottleneck"]["code"] == "limited_by_workers"
    assert found["requests"] > 5000
    assert busy.config.engine.recording_megabytes > 0


def test_failed_requests_are_explained_by_group(system: SmallSystem, viewer: Api) -> None:
    """Two exceptions, one of them after a setting changed: each with its own count, its beginning and its cause."""
    add_plugin(system)
    now = time.time()
    trace = requests(now - 600, 590, rate=5.0)
    late = trace.end > now - 200
    every = np.arange(len(trace))
    kind = np.where(late & (every % 4 == 0), 77, np.where(every % 50 == 1, 5, 0))
    put_on_record(system, replace(trace, error=kind, status=np.where(kind > 0, 500, 200)))
    system.state.record_setting_change(SettingChange("orders", "strict", False, True, now - 205))
    group = ErrorGroup(77, "ValueError", "empty party", ("app.py:12 book",), now - 199, now)
    system.known_errors["orders"] = (group,)
    worst, other = viewer.get("/plugins/orders/anatomy?lang=en").json["failed"]
    assert (worst["exception"], worst["frames"], worst["fingerprint"]) == (
        "ValueError",
        ["app.py:12 book"],
        "4d".rjust(16, "0"),
    )
    assert worst["requests"] == (kind == 77).sum()
    assert any("strict" in cause["text"] for cause in worst["causes"])
    assert other["exception"] is None
    assert other["requests"] == (kind == 5).sum()


def test_no_requests_on_record_are_said_to_be_missing(system: SmallSystem, viewer: Api) -> None:
    """Null and a reason, not zeros."""
    add_plugin(system)
    found = viewer.get("/plugins/orders/anatomy").json
    assert (found["parts"], found["why_not"]["code"]) == (None, "no_requests_recorded")
    answer = viewer.get("/plugins/orders/curves").json
    assert (answer["workers"], answer["workers_why_not"]["code"]) == (None, "no_probe")
    assert (answer["caches"], answer["caches_why_not"]["code"]) == ([], "no_cache")


def test_the_worker_curve_is_there_without_a_suggestion(busy: SmallSystem, viewer: Api) -> None:
    """From one worker on; more workers are never slower here, the present count retells what was recorded."""
    found = viewer.get("/plugins/orders/curves").json
    curve = found["workers"]
    assert found["workers_why_not"] is None
    assert (curve["present"], curve["suggested"], curve["slo_seconds"]) == (2, None, 1.0)
    p95 = {point["workers"]: point["p95_seconds"] for point in curve["points"]}
    assert list(p95) == sorted(p95)
    assert {1, 2, 3, 4} <= p95.keys()
    assert p95[1] > p95[2] > p95[3]
    observed = viewer.get("/plugins/orders/anatomy").json["p95_seconds"]
    assert p95[2] == pytest.approx(observed, rel=0.1)
    assert p95[curve["enough"]] <= 1.0
    assert all(point["low_seconds"] <= point["p95_seconds"] <= point["high_seconds"] for point in curve["points"])
    assert busy.known_pools["orders"].workers == 2


def test_the_suggested_count_stands_on_the_curve(busy: SmallSystem, viewer: Api) -> None:
    """An open suggestion is named on the curve and on its knob."""
    made = offer(busy)
    assert viewer.get("/plugins/orders/curves").json["workers"]["suggested"] == 4
    (knob,) = viewer.get("/plugins/orders").json["knobs"]
    assert (knob["suggested"], knob["suggestion_id"], knob["turned"]) == (4, made.id, None)


def test_curves_are_not_computed_again_and_again(busy: SmallSystem, viewer: Api) -> None:
    """Within half a minute the same answer is given, whatever was recorded meanwhile."""
    one = viewer.get("/plugins/orders/curves").json
    put_on_record(busy, requests(time.time() - 590, 580, rate=3.0))
    assert viewer.get("/plugins/orders/curves").json == one
    assert one["kept_seconds"] == curves.KEPT_SECONDS >= 10


def test_the_cache_curve_shows_what_another_size_would_give(
    system: SmallSystem, viewer: Api, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A real cache of 16 that is asked for 64 keys in turn hits nothing; with 64 it would hit always."""
    monkeypatch.setenv("PLUGIN_OPTIMIZER_HOME", str(tmp_path / "home"))
    add_plugin(system)
    fill_cache(tmp_path / "home")
    system.known_knobs["orders"] = (Knob("menu.size", 16, 8, 128, kind="cache_size"),)
    found = viewer.get("/plugins/orders/curves").json
    (curve,) = found["caches"]
    by_size = {point["size_entries"]: point["hit_ratio"] for point in curve["points"]}
    assert (curve["cache"], curve["present"], curve["knob"]) == ("menu", 16, "menu.size")
    assert by_size[16] < 0.05 < 0.9 < by_size[64]
    assert curve["enough"] == 64
    assert found["caches_why_not"] is None


def test_who_set_a_knob_and_when(system: SmallSystem, viewer: Api) -> None:
    """The latest wins: an execution by its person, then somebody from outside."""
    add_plugin(system)
    now = time.time()
    execution, _ = system.state.approve(offer(system).id, None, "kim", None, now)
    finish(system, execution.id)
    (knob,) = viewer.get("/plugins/orders").json["knobs"]
    assert (knob["turned"]["by"], knob["turned"]["execution_id"]) == ("kim", execution.id)
    system.state.record_setting_change(SettingChange("orders", "workers", 4, 3, time.time() + 1))
    (knob,) = viewer.get("/plugins/orders").json["knobs"]
    assert (knob["turned"]["by"], knob["turned"]["execution_id"]) == ("outside", None)


@pytest.mark.parametrize("path", ["chart", "forecast", "anatomy", "curves"])
def test_unknown_plugins_are_404(viewer: Api, path: str) -> None:
    """As everywhere: a problem with a code."""
    answer = viewer.get(f"/plugins/nobody/{path}")
    assert (answer.status_code, answer.json["code"]) == (404, "not_found")
