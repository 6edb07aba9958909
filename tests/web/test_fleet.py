"""Many plugins: found, counted, grouped and paged by the server, from an index that is read once per change."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from web.conftest import Api
from web.small_system import SmallSystem, add_plugin, finding, offer, record_cycle

from plugin_optimizer.domain import Metric, Plugin, PluginStatus, Sample, Severity
from plugin_optimizer.web import fleet_index as indexing

TEAMS = ("payments", "search", None)
KINDS = ("gunicorn", "celery")
RANKS = {"critical": 0, "inactive": 1, "warning": 2, "unknown": 3, "ok": 4}
FIGURES = ("cpu_usage", "memory_usage", "error_rate", "response_time", "response_time_p95_seconds", "workers")


def crowd(system: SmallSystem, size: int = 23) -> None:
    """Make plugins of all kinds known: labelled or not, sick, stale, inactive, measured in part."""
    findings = []
    for i in range(size):
        name = f"svc-{i * 7 % size:02d}"
        team = TEAMS[i % 3]
        add_plugin(
            system, name, PluginStatus.INACTIVE if i % 11 == 5 else PluginStatus.ACTIVE, 300 if i % 7 == 3 else 2
        )
        labels = {"tier": str(i % 2)} | ({"team": team} if team else {})
        status = PluginStatus.INACTIVE if i % 11 == 5 else PluginStatus.ACTIVE
        system.state.save_plugin(Plugin(name, KINDS[i % 2], {}, labels), status, 1.0)
        if i % 3:
            system.samples.write([Sample(name, Metric.CPU_RATIO, time.time() - 1, (i * 5 % 9) / 10)])
        if i % 4 == 1:
            findings.append(finding(name, Severity.CRITICAL if i % 8 == 1 else Severity.WARNING))
    record_cycle(system, findings=tuple(findings))


def everything(api: Api) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = api.get("/plugins?lang=en").json
    return rows


queries = some.fixed_dictionaries(
    {},
    optional={
        "q": some.sampled_from(["1", "svc", "SVC-0", "team=pay", "gunicorn 2", "nothing"]),
        "health": some.lists(some.sampled_from(sorted(RANKS)), max_size=3, unique=True),
        "touchpoint": some.lists(some.sampled_from(KINDS), max_size=2, unique=True),
        "label": some.lists(some.sampled_from(["team=payments", "team=", "team", "tier=1"]), max_size=2, unique=True),
    },
)
orders = some.sampled_from(
    ["plugin_id", "-plugin_id", "worst", *FIGURES, *(f"-{name}" for name in FIGURES)],
)


def suits(row: dict[str, Any], query: dict[str, Any]) -> bool:
    """The same as the server, said for one row as the API shows it."""
    labels = row["labels"]
    words = "\n".join((row["plugin_id"], row["touchpoint"], *(f"{k}={v}" for k, v in labels.items()))).lower()
    fits = {"team=payments": labels.get("team") == "payments", "team=": "team" not in labels, "team": "team" in labels,
            "tier=1": labels.get("tier") == "1"}  # fmt: skip
    return (
        all(word in words for word in query.get("q", "").lower().split())
        and (not query.get("health") or row["health"] in query["health"])
        and (not query.get("touchpoint") or row["touchpoint"] in query["touchpoint"])
        and all(fits[label] for label in query.get("label", ()))
    )


def figure(row: dict[str, Any], name: str) -> float | None:
    value: float | None = row.get(name, row["metrics"].get(name))
    return value


def is_in_order(rows: list[dict[str, Any]], sort: str) -> bool:
    name = sort.removeprefix("-")
    if name == "plugin_id":
        keys: list[Any] = [row["plugin_id"] for row in rows]
        return keys == sorted(keys, reverse=sort != name)
    if name == "worst":
        score = [round(4 * max((f["score"] for f in row["findings"]), default=0)) for row in rows]
        keys = [(RANKS[row["health"]], -s, row["plugin_id"]) for row, s in zip(rows, score, strict=True)]
        return keys == sorted(keys)
    sign = 1 if sort == name else -1
    figures = [(figure(row, name), row["plugin_id"]) for row in rows]
    keys = [(value is None, 0 if value is None else sign * value, plugin) for value, plugin in figures]
    return keys == sorted(keys)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(query=queries, sort=orders, limit=some.integers(1, 9))
def test_the_pages_together_are_exactly_what_fits_in_order(
    crowded: Api, query: dict[str, Any], sort: str, limit: int
) -> None:
    """Followed by their links to the end: nothing twice, nothing left out, sorted; Total-Count says how many."""
    wanted = {row["plugin_id"] for row in everything(crowded) if suits(row, query)}
    path: str | None = "/plugins?" + urlencode({**query, "sort": sort, "limit": limit, "lang": "en"}, doseq=True)
    rows: list[dict[str, Any]] = []
    while path is not None:
        answer = crowded.get(path)
        assert answer.status_code == 200, answer.json
        assert answer.headers["Total-Count"] == str(len(wanted))
        rows += answer.json
        path = following(answer.headers.get("Link"))
    assert sorted(row["plugin_id"] for row in rows) == sorted(wanted)
    assert is_in_order(rows, sort)


def following(link: str | None) -> str | None:
    if link is None:
        return None
    parts = urlsplit(link.partition(">")[0].lstrip("<"))
    return f"/plugins?{urlencode(parse_qs(parts.query), doseq=True)}"


@pytest.fixture
def crowded(system: SmallSystem, viewer: Api) -> Api:
    crowd(system)
    return viewer


def test_any_part_of_an_order_can_be_asked_for(crowded: Api) -> None:
    """`offset` reaches the middle of a long list; beyond its end nothing stands."""
    whole = [row["plugin_id"] for row in crowded.get("/plugins?sort=worst").json]
    assert [row["plugin_id"] for row in crowded.get("/plugins?sort=worst&offset=9&limit=4").json] == whole[9:13]
    assert crowded.get("/plugins?sort=worst&offset=900").json == []


def test_named_plugins_are_shown_alone(crowded: Api) -> None:
    """Rows that somebody looks at are read again without the rest of the fleet; unknown names are left out."""
    rows = crowded.get("/plugins?plugin_id=svc-03&plugin_id=svc-01&plugin_id=gone").json
    assert [row["plugin_id"] for row in rows] == ["svc-01", "svc-03"]


@pytest.mark.parametrize(
    "query",
    ["sort=colour", "health=fine", "offset=-1", "after=svc-01&sort=worst", "after=svc-01&offset=2", "colour=red"],
)
def test_what_cannot_be_asked_is_refused(crowded: Api, query: str) -> None:
    """400, never a list that is not what was asked for."""
    assert crowded.get(f"/plugins?{query}").status_code == 400


def test_the_fleet_in_numbers_agrees_with_its_rows(system: SmallSystem, crowded: Api) -> None:
    """Counts of health, open suggestions, touchpoints and labels; the worst by name, with what is wrong."""
    offer(system, "svc-01")
    rows, fleet = everything(crowded), crowded.get("/fleet?lang=en").json
    assert fleet["total"] == len(rows) == sum(fleet["health"].values())
    assert fleet["health"] == {name: sum(row["health"] == name for row in rows) for name in RANKS}
    worst = [row for row in crowded.get("/plugins?sort=worst&lang=en").json if row["health"] != "ok"][:5]
    assert [one["plugin_id"] for one in fleet["worst"]] == [row["plugin_id"] for row in worst]
    assert fleet["worst"][0]["text"] == worst[0]["findings"][0]["text"]
    assert (fleet["open_suggestions"], fleet["running"]) == (1, 0)
    assert fleet["touchpoints"] == {kind: sum(row["touchpoint"] == kind for row in rows) for kind in sorted(KINDS)}
    assert fleet["labels"]["team"] == {
        team: sum(row["labels"].get("team") == team for row in rows) for team in ("payments", "search")
    }


@pytest.mark.parametrize("by", ["label:team", "touchpoint", "label:nobody"])
def test_groups_divide_those_that_fit(crowded: Api, by: str) -> None:
    """Each plugin stands in one group, those without the label under "", the most troubled group first."""
    rows = [row for row in everything(crowded) if row["labels"].get("tier") == "1"]
    answer = crowded.get(f"/fleet/groups?by={by}&label=tier=1")
    groups = answer.json
    kind, _, key = by.partition(":")
    value_of = (lambda row: row["labels"].get(key, "")) if kind == "label" else (lambda row: row["touchpoint"])
    values = [value_of(row) for row in rows]
    assert {group["value"]: group["total"] for group in groups} == {value: values.count(value) for value in set(values)}
    assert answer.headers["Total-Count"] == str(len(groups))
    assert all(sum(group["health"].values()) == group["total"] for group in groups)
    trouble = [tuple(-group["health"][name] for name in list(RANKS)[:-1]) for group in groups]
    assert trouble == sorted(trouble)


def test_the_index_is_read_once_per_change(system: SmallSystem, viewer: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """However often pages, counts and groups are asked for; a new plugin, turn or sample is seen at once."""
    crowd(system)
    read, times = indexing._read, [0]

    def counting(system: Any) -> indexing.FleetIndex:
        times[0] += 1
        return read(system)

    monkeypatch.setattr(indexing, "_read", counting)
    for path in ("/plugins?sort=worst&limit=3", "/fleet", "/fleet/groups?by=touchpoint", "/plugins?q=svc", "/health"):
        assert viewer.get(path).status_code == 200
    assert times == [1]
    add_plugin(system, "newcomer")
    assert viewer.get("/plugins?plugin_id=newcomer").json[0]["health"] == "ok"
    record_cycle(system, findings=(finding("newcomer"),))
    assert viewer.get("/plugins?plugin_id=newcomer").json[0]["health"] == "critical"
    assert times == [3]


def test_figures_age_between_two_changes(system: SmallSystem) -> None:
    """What is fresh now is stale later without anything being written: age is looked at when asked, not when read."""
    add_plugin(system)
    index = indexing.fleet_index(system)
    now = time.time()
    assert [indexing.HEALTHS[rank] for rank in index.ranks(now)] == ["ok"]
    assert [indexing.HEALTHS[rank] for rank in index.ranks(now + 3600.0)] == ["unknown"]
    assert np.array_equal(index.stale(now + 3600.0), [True])


def test_nobody_waits_for_an_index_that_somebody_else_reads(
    system: SmallSystem, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While one question reads the changed state, the others get the index before; the next one sees the change."""
    add_plugin(system)
    before = indexing.fleet_index(system)
    read, begun, over = indexing._read, threading.Event(), threading.Event()

    def slow(system: Any) -> indexing.FleetIndex:
        begun.set()
        assert over.wait(30)
        return read(system)

    monkeypatch.setattr(indexing, "_read", slow)
    add_plugin(system, "second")
    with ThreadPoolExecutor(1) as pool:
        reading = pool.submit(indexing.fleet_index, system)
        assert begun.wait(30)
        assert indexing.fleet_index(system) is before
        over.set()
        assert len(reading.result(30)) == 2
    assert len(indexing.fleet_index(system)) == 2
