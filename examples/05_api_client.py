"""Ask for suggestions, execute one and wait for its verdict, from any program that speaks HTTP.

    python examples/05_api_client.py                            # a server on this machine without login
    python examples/05_api_client.py --token "$TOKEN"           # plugin-optimizer token create reader
    python examples/05_api_client.py --token "$TOKEN" --execute sg_01…   # needs the role operator

The server is http://localhost:5000 unless --url says otherwise. Where it was started without login (`serve --no-login`,
on its own machine only), these three lines are a client already:

    import requests
    r = requests.get('http://localhost:5000/api/plugin-optimization/suggestions')
    print(r.json())
"""

import argparse
import time
import uuid

import requests

FINAL = {"succeeded", "rolled_back", "aborted", "cancelled", "needs_operator"}


def client(token: str | None) -> requests.Session:
    """Return a session that speaks English and, with a token, is known to the server."""
    session = requests.Session()
    session.headers["Accept-Language"] = "en"
    if token:
        session.headers["Authorization"] = f"Bearer {token}"
    return session


def show_suggestions(session: requests.Session, base: str) -> None:
    answer = session.get(f"{base}/suggestions", params={"state": "open"}, timeout=10)
    answer.raise_for_status()
    for suggestion in answer.json():
        print(suggestion["id"], suggestion["plugin_id"], suggestion["suggestion_type"], suggestion["description"])
        for evidence in suggestion["details"]["evidence"]:
            print("   ", evidence["text"])


def execute(session: requests.Session, base: str, suggestion_id: str) -> None:
    """Approve it and wait for the verdict: the answer comes at once, the proof takes minutes."""
    key = str(uuid.uuid4())  # whoever repeats a request after a broken connection sends the same key again
    answer = session.post(f"{base}/execute/{suggestion_id}", headers={"Idempotency-Key": key}, timeout=10)
    answer.raise_for_status()
    address = f"{base}/executions/{answer.json()['execution_id']}"
    while (execution := session.get(address, timeout=10).json())["state"] not in FINAL:
        print(execution["state_text"])
        time.sleep(5.0)
    print(execution["state_text"], (execution["verdict"] or execution["reason"])["text"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url", default="http://localhost:5000")
    parser.add_argument("--token")
    parser.add_argument("--execute", metavar="SUGGESTION_ID")
    options = parser.parse_args()
    base = f"{options.url.rstrip('/')}/api/plugin-optimization"
    try:
        if options.execute:
            execute(client(options.token), base, options.execute)
        else:
            show_suggestions(client(options.token), base)
    except requests.HTTPError as error:
        raise SystemExit(f"{error}\n{error.response.json()['detail']}") from error


if __name__ == "__main__":
    main()
