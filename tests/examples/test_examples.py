"""Every example runs as its first lines say."""

import json
import re
import subprocess
import sys
import time
import urllib.request
from itertools import accumulate
from pathlib import Path

import pytest
from gunicorn_service import free_port, wait_for
from monitor.reported.pages import serving
from seed.served import served
from web.sending import Receiver, receiver
from web.small_system import SmallSystem, offer

from plugin_optimizer.config import Config, Engine
from plugin_optimizer.domain import Metric
from plugin_optimizer.knowledge import open_samples, open_state
from plugin_optimizer.monitor.probe_source import ProbeSource
from plugin_optimizer.web import token as tokens

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
GUNICORN = [sys.executable, "-m", "gunicorn", "--no-control-socket", "--chdir", str(EXAMPLES), "--workers", "2"]
SERVE = [sys.executable, "-m", "plugin_optimizer.cli", "serve"]


def test_the_list_names_every_example() -> None:
    """examples/README.md links each file, and nothing that is not there."""
    named = set(re.findall(r"\]\((\w+\.py)\)", (EXAMPLES / "README.md").read_text()))
    assert named == {file.name for file in EXAMPLES.glob("*.py")}


@pytest.mark.parametrize("example", ["03_own_detector.py", "04_own_touchpoint.py"])
def test_an_own_part_keeps_the_shipped_contract(example: str) -> None:
    """`pytest examples/…` as the file says: the inherited promises and the author's own."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(EXAMPLES / example)]
    done = subprocess.run(command, cwd=EXAMPLES.parent, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout
    passed = re.search(r"(\d+) passed", done.stdout)
    assert passed
    assert int(passed[1]) >= 7


@pytest.mark.live
def test_the_optimizer_is_mounted_beside_the_hosts_own_pages(tmp_path: Path) -> None:
    """The host's login opens its page, the API and the dashboard's address; without it the API says 401."""
    with served(tmp_path, [*GUNICORN, "--bind", "127.0.0.1:{port}", "01_mount_in_flask:app"]) as host:
        assert host.ask("/suggestions")[0] == 401
        browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
        with browser.open(f"{host.url}/login", timeout=60) as home:
            assert "Your application" in home.read().decode()
        with browser.open(f"{host.url}/api/plugin-optimization/session", timeout=60) as answer:
            session = json.loads(answer.read())
        assert (session["logged_in"], session["name"], session["role"]) == (True, "clerk", "operator")
        with browser.open(f"{host.url}/api/plugin-optimization/suggestions", timeout=60) as answer:
            assert json.loads(answer.read()) == []
        wait_for(lambda: len(host.runners()) == 1, 60, "the analysis to run in one process")


@pytest.mark.live
def test_the_instrumented_service_reports_requests_and_knobs(tmp_path: Path) -> None:
    """Under two gunicorn workers: answers, one record per request, the two knobs, and what the cache was asked for."""
    port, home = free_port(), tmp_path / "home"
    environment = {"PATH": "/usr/bin:/bin", "PLUGIN_OPTIMIZER_HOME": str(home), "HOME": str(tmp_path)}
    command = [*GUNICORN, "--bind", f"127.0.0.1:{port}", "02_instrument_a_service:app"]
    with subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL) as service:
        try:
            wait_for(lambda: answers(port), 60, "the service to answer")
            records_requests_and_knobs(ProbeSource(home), port)
        finally:
            service.terminate()
            service.wait(60)


def answers(port: int) -> bool:
    try:
        return len(price_list(port)) == 10
    except OSError:
        return False


def price_list(port: int) -> dict[str, float]:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/prices/1?count=10&channel=web", timeout=60) as answer:
        prices: dict[str, float] = json.loads(answer.read())
    return prices


def records_requests_and_knobs(source: ProbeSource, port: int) -> None:
    wait_for(lambda: "prices" in source.plugins())
    for _ in range(5):
        assert price_list(port)["1"] == 2.09
    records = accumulate(iter(lambda: len(source.read("prices").arrival), None))  # each reading brings what is new
    wait_for(lambda: next(records) >= 6, 60, "six records")
    knobs = {knob.name: knob.value for report in source.reports("prices") for knob in report.knobs}
    assert {"cache.prices.size": 64, "prices.batch_size": 50}.items() <= knobs.items()
    assert {cache.name for cache in source.caches("prices")} == {"prices"}  # one of each worker process


@pytest.mark.live
@pytest.mark.parametrize("login", ["token", "none"])
def test_the_client_lists_suggestions_with_a_token_and_without_login(tmp_path: Path, login: str) -> None:
    """The same program against a server with and without login; a wrong token is a clear refusal."""
    with served(tmp_path, SERVE if login == "token" else [*SERVE, "--no-login"]) as server:
        secret = fill(tmp_path / "state")
        known = client(server.url, "--token", secret) if login == "token" else client(server.url)
        assert known.returncode == 0, known.stderr
        assert "orders increase_workers" in known.stdout
        stranger = client(server.url, "--token", "po_wrong")
        assert stranger.returncode != 0
        assert "401" in stranger.stderr


def fill(state_dir: Path) -> str:
    """Write one suggestion and a token into the server's state; return the token."""
    state, samples = open_state(state_dir / "state.db"), open_samples(state_dir / "samples.db")
    system = SmallSystem(Config(engine=Engine(state_dir=str(state_dir))), state, samples)
    offer(system)
    secret = tokens.mint()
    state.save_token("reader", "viewer", tokens.digest(secret), time.time() + 600, time.time())
    system.close()
    return secret


def client(url: str, *options: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, str(EXAMPLES / "05_api_client.py"), "--url", url, *options]
    return subprocess.run(command, capture_output=True, text=True, timeout=120)


@pytest.mark.live
def test_what_the_pusher_measures_becomes_the_plugins_figures(tmp_path: Path) -> None:
    """A service that fails is timed, pushed and sensed; a token that does not speak for the plugin is told so."""
    with receiver(tmp_path) as server, serving() as pages:
        pages.show("down", 503)
        told = push(server, "orders", pages.url)
        assert told.returncode == 0, told.stderr
        assert told.stdout == "4 accepted\n"
        values = {sample.metric: sample.value for sample in server.look()}
        assert values[Metric.ERROR_RATIO] == 1.0
        assert values[Metric.REQUESTS] == 10
        assert 0 < values[Metric.RESPONSE_TIME_SECONDS] <= values[Metric.RESPONSE_TIME_P95_SECONDS] * 2
        stranger = push(server, "billing", pages.url)
        assert stranger.returncode != 0
        assert "this token sends for orders, menu" in stranger.stderr


def push(server: Receiver, plugin_id: str, asked: str) -> "subprocess.CompletedProcess[str]":
    where = ["--server", server.url.removesuffix("/api/plugin-optimization"), "--token", server.secrets["agent"]]
    command = [sys.executable, str(EXAMPLES / "06_push_figures.py"), *where, "--plugin", plugin_id, "--ask", asked]
    return subprocess.run([*command, "--rounds", "1"], capture_output=True, text=True, timeout=120)
