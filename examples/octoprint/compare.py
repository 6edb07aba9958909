"""Compare what the optimizer says of two of OctoPrint's plugins with what a client and the kernel measured meanwhile.

    examples/octoprint/run.sh &  then  build/octoprint/venv/bin/python examples/octoprint/compare.py [PORT] [PASSWORD]

Prints requests, mean response time and CPU time of each plugin. The client's time contains Tornado and the network, the process's
CPU time Tornado's work per request: both are a little more than the plugin's own.
"""

import sys
import time

import psutil
import requests

PORT, PASSWORD = [*sys.argv[1:], *("5050", "try-it-out")[len(sys.argv) - 1 :]][:2]
HOST = f"http://127.0.0.1:{PORT}"
PLUGINS = {"octoprint.plugin.pluginmanager": "/plugin/pluginmanager/plugins", "octoprint.api": "/api/settings"}
REQUESTS, REST_SECONDS = 150, 12.0


def logged_in() -> requests.Session:
    session = requests.Session()
    session.get(f"{HOST}/", timeout=60)
    token = next(cookie.value or "" for cookie in session.cookies if cookie.name.startswith("csrf_token"))
    login = {"user": "admin", "pass": PASSWORD}
    session.post(f"{HOST}/api/login", json=login, headers={"X-CSRF-Token": token}, timeout=60).raise_for_status()
    return session


def server() -> psutil.Process:
    for process in psutil.process_iter(["cmdline"]):
        words = process.info["cmdline"] or []
        if "serve" in words and PORT in words and any(word.endswith("octoprint") for word in words):
            return process
    raise SystemExit(f"no OctoPrint serves port {PORT}; start examples/octoprint/run.sh first")


def cpu_seconds(process: psutil.Process) -> float:
    return float(sum(process.cpu_times()[:2]))


def seen(session: requests.Session, plugin: str, metric: str, begin: float) -> list[float]:
    asked = {"metric": metric, "from": begin - 5.0, "to": time.time(), "points": 2000}
    address = f"{HOST}/api/plugin-optimization/plugins/{plugin}/metrics"
    answer = session.get(address, params={name: str(value) for name, value in asked.items()}, timeout=60)
    answer.raise_for_status()
    return [value for _, value in answer.json()["series"].get(metric, [])]


def main() -> None:
    session, process = logged_in(), server()
    before = cpu_seconds(process)
    time.sleep(REST_SECONDS)
    idle = (cpu_seconds(process) - before) / REST_SECONDS
    print(f"{'plugin':32} {'requests':>14} {'mean response, ms':>22} {'CPU, s':>16}   (client or kernel / optimizer)")
    for plugin, path in PLUGINS.items():
        begin, before, took = time.time(), cpu_seconds(process), 0.0
        for _ in range(REQUESTS):
            asked = time.perf_counter()
            session.get(HOST + path, timeout=60).raise_for_status()
            took += time.perf_counter() - asked
        used = cpu_seconds(process) - before - idle * (time.time() - begin)
        time.sleep(REST_SECONDS)
        counts, cores = (seen(session, plugin, metric, begin) for metric in ("requests", "cpu_cores"))
        means = seen(session, plugin, "response_time_seconds", begin)
        busy = [count for count in counts if count]
        mean = sum(c * m for c, m in zip(busy, means, strict=False)) / max(1.0, sum(busy))
        print(
            f"{plugin:32} {REQUESTS:>6} / {sum(counts):>5.0f} {1000 * took / REQUESTS:>12.1f} / {1000 * mean:>7.1f}"
            f" {used:>8.2f} / {5.0 * sum(cores):>5.2f}"
        )


if __name__ == "__main__":
    main()
