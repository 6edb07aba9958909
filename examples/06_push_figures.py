"""Watch a service of any language from outside and push what was measured, with nothing but the standard library.

    plugin-optimizer token create orders-agent --role sender
    python examples/06_push_figures.py --plugin orders --token "$TOKEN" --ask http://127.0.0.1:8080/health

The server's configuration says that this token may speak for the plugin (docs/METRICS_IN.md):

    [plugins.orders]
    touchpoint = "reported"
    [plugins.orders.metrics]
    token = "orders-agent"
"""

import argparse
import json
import statistics
import time
import urllib.error
import urllib.request

ASKED = 10  # times in a round


def measure(url: str) -> list[dict[str, object]]:
    """Ask a few times; return the figures under our names, in SI units."""
    times, failed = [], 0
    for _ in range(ASKED):
        begun = time.perf_counter()
        try:
            with urllib.request.urlopen(url, timeout=10) as answer:
                answer.read()
        except urllib.error.HTTPError as error:
            failed += error.code >= 500
        except OSError:
            failed += 1
        times.append(time.perf_counter() - begun)
    figures = {
        "response_time_seconds": statistics.fmean(times),
        "response_time_p95_seconds": statistics.quantiles(times, n=20)[-1],
        "error_ratio": failed / ASKED,
        "requests": ASKED,
    }
    now = time.time()
    return [{"metric": metric, "value": value, "at": now} for metric, value in figures.items()]


def push(server: str, plugin: str, token: str, samples: list[dict[str, object]]) -> dict[str, object]:
    """Send them; what the server refuses stands in its answer, with what would have been right."""
    request = urllib.request.Request(
        f"{server.rstrip('/')}/api/plugin-optimization/plugins/{plugin}/metrics/push",
        json.dumps({"samples": samples}).encode(),
        {"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        told: dict[str, object] = json.load(answer)
        return told


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--server", default="http://localhost:5000")
    parser.add_argument("--plugin", required=True)
    parser.add_argument("--token", required=True)
    parser.add_argument("--ask", metavar="URL", required=True, help="what is asked, and timed")
    parser.add_argument("--every", metavar="SECONDS", type=float, default=5.0)
    parser.add_argument("--rounds", type=int, default=0, help="0: for ever")
    options = parser.parse_args()
    done = 0
    while True:
        try:
            told = push(options.server, options.plugin, options.token, measure(options.ask))
        except urllib.error.HTTPError as error:
            raise SystemExit(f"{error}\n{json.load(error)['detail']}") from error
        print(f"{told['accepted']} accepted", *(f"refused: {each}" for each in told["refused"]))  # type: ignore[attr-defined]
        done += 1
        if done == options.rounds:
            return
        time.sleep(options.every)


if __name__ == "__main__":
    main()
