"""Compare what the optimizer says of FlaskBB's plugins with what a client and the kernel measured meanwhile.

    examples/flaskbb/run.sh &  then  build/flaskbb/venv/bin/python examples/flaskbb/compare.py [PORT] [PASSWORD] [REQUESTS]

First who gets in, and whose CSRF token is asked for where. Then requests, mean response time and CPU of two Blueprints; the client's
time contains gunicorn and the network, the kernel's CPU (of those threads that rest while nobody asks) what gunicorn does: both are a
little more than the plugin's own. Then the calls of each pluggy plugin in the same pages, and what the sampler says of all of them
while the client goes on asking.
"""

import re
import sys
import threading
import time
from datetime import datetime
from itertools import pairwise
from typing import Any

import psutil
import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

PORT, PASSWORD, EACH = [*sys.argv[1:], *("5052", "try-it-out", "150")[len(sys.argv) - 1 :]][:3]
HOST = f"http://127.0.0.1:{PORT}"
API = f"{HOST}/api/plugin-optimization"
PAGES = {"flaskbb.forum": "/", "flaskbb.user": "/user/admin"}
REQUESTS, REST_SECONDS, LATEST_SECONDS, PROFILE_SECONDS = int(EACH), 12.0, 180.0, 10.0


def logged_in(name: str) -> requests.Session:
    session = requests.Session()
    session.mount(
        "http://", HTTPAdapter(max_retries=Retry(3))
    )  # a connection that rested may just be closed by the server
    form = session.get(f"{HOST}/auth/login", timeout=60).text
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', form)
    token = found[1] if found else ""
    entered = {"csrf_token": token, "login": name, "password": PASSWORD, "submit": "Login"}
    session.post(f"{HOST}/auth/login", data=entered, timeout=60).raise_for_status()
    return session


def show_who_gets_in(administrator: requests.Session, member: requests.Session) -> str:
    """Print what each is answered; return the administrator's token for writes to our API."""
    for who, session in (("nobody", requests.Session()), ("a member", member), ("the administrator", administrator)):
        page = session.get(f"{HOST}/plugin-optimization/", timeout=60, allow_redirects=False).status_code
        api = session.get(f"{API}/plugins", timeout=60, allow_redirects=False).status_code
        print(f"{who:18} page {page}, API {api}")
    token = str(administrator.get(f"{API}/session", timeout=60).json()["csrf_token"])
    without = administrator.post(f"{API}/plugins/flaskbb/profile", json={}, timeout=60)
    forum = administrator.post(f"{HOST}/auth/login", data={"login": "admin"}, timeout=60, allow_redirects=False)
    print(
        f"without a token    our API {without.status_code} {without.json()['code']}, a form of the forum {forum.status_code}"
    )
    return token


def server() -> psutil.Process:
    for process in psutil.process_iter(["cmdline"]):
        words = process.info["cmdline"] or []
        if f"127.0.0.1:{PORT}" in words and "flaskbb_mount:app" in words and process.children():
            return process.children()[0]  # the one worker
    raise SystemExit(f"no FlaskBB serves port {PORT}; start examples/flaskbb/run.sh first")


def threads(process: psutil.Process) -> dict[int, float]:
    """Return the CPU of each thread so far, as the kernel counts it."""
    return {thread.id: thread.user_time + thread.system_time for thread in process.threads()}


def busy_by_themselves(process: psutil.Process) -> set[int]:
    """Return the threads that use CPU while nobody asks for anything: those of the optimizer, which runs in the same process."""
    before = threads(process)
    time.sleep(REST_SECONDS)
    return {thread for thread, used in threads(process).items() if used > before.get(thread, 0.0)}


def seen(session: requests.Session, plugin: str, metric: str, begin: float) -> list[tuple[float, float]]:
    asked = {"metric": metric, "from": begin - 60.0, "to": time.time(), "points": 2000}
    address = f"{API}/plugins/{plugin}/metrics"
    answer = session.get(address, params={name: str(value) for name, value in asked.items()}, timeout=60)
    answer.raise_for_status()
    return [(datetime.fromisoformat(at).timestamp(), value) for at, value in answer.json()["series"].get(metric, [])]


def counted(session: requests.Session, plugin: str, begin: float) -> list[tuple[float, float]]:
    """Return the requests of each look, as soon as all are there or no more come: the optimizer looks every 5 s."""
    ends = time.monotonic() + LATEST_SECONDS
    while True:
        found = [(at, count) for at, count in seen(session, plugin, "requests", begin) if at > begin]
        if sum(count for _, count in found) >= REQUESTS or time.monotonic() > ends:
            return found
        time.sleep(2.0)


def compare(session: requests.Session, plugin: str, path: str, process: psutil.Process, others: set[int]) -> None:
    begin, before, took = time.time(), threads(process), 0.0
    for _ in range(REQUESTS):
        asked = time.perf_counter()
        session.get(HOST + path, timeout=60).raise_for_status()
        took += time.perf_counter() - asked
    after = threads(process)
    used = sum(now - before.get(thread, 0.0) for thread, now in after.items() if thread not in others)
    counts = dict(counted(session, plugin, begin))
    means = dict(seen(session, plugin, "response_time_seconds", begin))
    mean = sum(count * means.get(at, 0.0) for at, count in counts.items()) / max(1.0, sum(counts.values()))
    cores = seen(session, plugin, "cpu_cores", begin)
    cpu = sum(value * (at - earlier) for (earlier, _), (at, value) in pairwise(cores) if at > begin)
    print(
        f"{plugin:32} {REQUESTS:>6} / {sum(counts.values()):>5.0f} {1000 * took / REQUESTS:>12.1f} / {1000 * mean:>7.1f}"
        f" {used:>8.2f} / {cpu:>5.2f}"
    )


def profiled(session: requests.Session, token: str) -> Any:
    """Return what the sampler counted while a client asked for both pages in turn."""
    ended = threading.Event()

    def ask() -> None:
        while not ended.is_set():
            for path in PAGES.values():
                session.get(HOST + path, timeout=60)

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    headers, body = {"X-CSRF-Token": token}, {"seconds": PROFILE_SECONDS}
    session.post(f"{API}/plugins/flaskbb/profile", json=body, headers=headers, timeout=60).raise_for_status()
    time.sleep(PROFILE_SECONDS)
    while (found := session.get(f"{API}/plugins/flaskbb/profile", timeout=60).json())["state"] == "running":
        time.sleep(1.0)
    ended.set()
    asking.join()
    return found


def main() -> None:
    session, process = logged_in("admin"), server()
    token = show_who_gets_in(session, logged_in("member"))
    for path in PAGES.values():
        session.get(HOST + path, timeout=60).raise_for_status()  # what is done once is done
    others = busy_by_themselves(process)
    first = time.time()
    print(f"\n{'plugin':32} {'requests':>14} {'mean response, ms':>22} {'CPU, s':>16}   (client or kernel / optimizer)")
    for plugin, path in PAGES.items():
        compare(session, plugin, path, process, others)
    for plugin in session.get(f"{API}/plugins", timeout=60).json():
        name = plugin["plugin_id"]
        if ".hooks." in name:
            calls = sum(count for at, count in seen(session, name, "requests", first) if at > first)
            print(f"{name:32} {calls:.0f} calls of hooks in {len(PAGES) * REQUESTS} pages")
    found = profiled(session, token)
    print(
        f"\nthe sampler, {found['seconds']:.0f} s, {found['total']:.2f} s of CPU, {found['looking_seconds']:.3f} s of it for looking:"
    )
    for use in [*found["plugins"][:6], *found["packages"][:6]]:
        print(f"{use['name']:32} {use['amount']:>6.2f} s {use['share_ratio']:>6.1%}")


if __name__ == "__main__":
    main()
