#!/usr/bin/env python3
"""Checks the REST API of a running plugin optimizer: `python scripts/test_plugin_optimization.py`.

Finds the demo's address and token in var/demo/credentials.json; else takes --url and --token, else tries
http://localhost:5000 without a token. Changes nothing, unless --execute is given. Exit code 0: everything is as
documented; 1: something is not, and what to do about it is printed.
"""

import argparse
import json
import sys
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

BASE = "/api/plugin-optimization"
CREDENTIALS = Path(__file__).resolve().parents[1] / "var" / "demo" / "credentials.json"
DEFAULT_URL = "http://localhost:5000"
TIMEOUT_SECONDS = 15
SUGGESTION_FIELDS = {
    "id", "plugin_id", "suggestion_type", "description", "created_at", "details", "executed", "executed_at", "result",
}  # fmt: skip
HISTORY_FIELDS = {"plugin_id", "suggestion_type", "description", "executed_at", "result"}
TYPES = {
    "increase_workers", "decrease_workers", "adjust_cache", "update_config", "recycle_workers", "investigate_error",
    "optimize_response_time", "check_plugin_status",
}  # fmt: skip
RESULTS = {None, "in_progress", "success", "rolled_back", "failed"}


class Failure(Exception):
    """What is wrong, and what to do about it."""


@dataclass
class Checker:
    """Asks the server and notes what it found."""

    url: str
    token: str | None
    session: requests.Session = field(default_factory=requests.Session)

    def ask(self, method: str, path: str, **options: Any) -> requests.Response:
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        try:
            response = self.session.request(
                method,
                self.url + BASE + path,
                headers=headers,
                timeout=TIMEOUT_SECONDS,
                allow_redirects=False,
                **options,
            )
        except requests.RequestException as error:
            raise Failure(
                f"no server answers at {self.url} ({type(error).__name__}): start it (`make run`), or give --url"
            ) from error
        if response.status_code == 401:
            raise Failure("the server wants a login: give --token (made by `plugin-optimizer token create NAME`)")
        if response.status_code == 403:
            raise Failure("the token's role may not do this: --execute needs the role operator or admin")
        return response

    def suggestions(self) -> list[dict[str, Any]]:
        found = array(self.ask("GET", "/suggestions"), "suggestions")
        for suggestion in found:
            complete(suggestion, SUGGESTION_FIELDS, "a suggestion")
            expect(suggestion["suggestion_type"] in TYPES, f"unknown suggestion_type {suggestion['suggestion_type']!r}")
            expect(isinstance(suggestion["executed"], bool), "`executed` of a suggestion is not true or false")
            expect(suggestion["result"] in RESULTS, f"unknown result {suggestion['result']!r}")
            expect(bool(suggestion["description"]), f"suggestion {suggestion['id']} has no description")
        return found

    def history(self) -> list[dict[str, Any]]:
        found = array(self.ask("GET", "/history"), "history")
        for execution in found:
            complete(execution, HISTORY_FIELDS, "an entry of the history")
            expect(execution["result"] in RESULTS, f"unknown result {execution['result']!r}")
        return found

    def unknown_suggestion(self) -> None:
        response = self.ask("POST", f"/execute/sg_{uuid.uuid4().hex}")
        expect(response.status_code == 404, f"executing an unknown suggestion answered {response.status_code}, not 404")
        kind = response.headers.get("Content-Type", "")
        expect(kind.startswith("application/problem+json"), f"an error came as {kind!r}, not as problem+json")
        problem = response.json()
        expect(
            problem.get("success") is False and bool(problem.get("message")),
            "an error of execute lacks success and message",
        )

    def execute(self, suggestions: list[dict[str, Any]]) -> str:
        ready = next((s for s in suggestions if s.get("executable") and s.get("state") == "open"), None)
        if ready is None:
            raise Failure(
                "no suggestion can be executed now: wait for one (`plugin-optimizer doctor` says why there is none)"
            )
        response = self.ask("POST", f"/execute/{ready['id']}")
        expect(response.status_code == 202, f"execute answered {response.status_code}: {response.text[:300]}")
        accepted = response.json()
        complete(accepted, {"success", "message"}, "the answer of execute")
        expect(accepted["success"] is True, f"execute answered success: {accepted['success']}")
        again = self.ask("POST", f"/execute/{ready['id']}").json()
        expect(again.get("execution_id") == accepted.get("execution_id"), "executing twice made two executions")
        entries = [e for e in self.history() if e.get("suggestion_id") == ready["id"]]
        expect(bool(entries), "the execution does not show in the history")
        return f"{ready['plugin_id']}: {ready['description']}"


def expect(condition: bool, complaint: str) -> None:
    if not condition:
        raise Failure(complaint)


def array(response: requests.Response, what: str) -> list[dict[str, Any]]:
    expect(response.status_code == 200, f"GET /{what} answered {response.status_code}: {response.text[:300]}")
    try:
        found = response.json()
    except ValueError as error:
        raise Failure(f"GET /{what} is not JSON: is {response.url} really a plugin optimizer?") from error
    expect(isinstance(found, list), f"GET /{what} is no array")
    return list(found)


def complete(entry: dict[str, Any], fields: set[str], what: str) -> None:
    missing = fields - entry.keys()
    expect(not missing, f"{what} lacks {', '.join(sorted(missing))}")


def address(url: str | None, token: str | None) -> tuple[str, str | None]:
    """Return what is given; else what the demo left. The demo's token goes to the demo's own address only."""
    left: dict[str, str] = {}
    if CREDENTIALS.is_file():
        left = json.loads(CREDENTIALS.read_text(encoding="utf-8"))
    chosen = (url or left.get("url") or DEFAULT_URL).rstrip("/")
    if token is None and chosen == left.get("url", "").rstrip("/"):
        token = left.get("token")
    return chosen, token


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url")
    parser.add_argument("--token")
    parser.add_argument("--execute", action="store_true", help="also execute an open suggestion: a real change")
    options = parser.parse_args()
    url, token = address(options.url, options.token)
    checker = Checker(url, token)
    try:
        suggestions = checker.suggestions()
        print(f"ok   GET  /suggestions: {len(suggestions)}")
        print(f"ok   GET  /history: {len(checker.history())}")
        checker.unknown_suggestion()
        print("ok   POST /execute/<unknown>: 404")
        if options.execute:
            print(f"ok   POST /execute: {checker.execute(suggestions)}")
    except Failure as failure:
        print(f"FAILED  {failure}", file=sys.stderr)
        return 1
    print(f"{url} works as documented")
    return 0


if __name__ == "__main__":
    sys.exit(main())
