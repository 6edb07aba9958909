"""What Lighthouse says of the overview, as administrators see it."""

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

from .figure import Figure, reported
from .first_load import executable
from .stage import FRONTEND, Stage

PROGRAM = FRONTEND / "node_modules/lighthouse/cli/index.js"
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
LEAST = {"desktop": (95, 100, 100, 100), "phone": (80, 100, 100, 100)}
RUNS = 3
INSTALL = "npm --prefix frontend install --no-save --ignore-scripts lighthouse@12.8.2"  # 13 needs Node 22
FLAGS = "--headless=new --no-sandbox --disable-gpu --disable-quic"


def lighthouse(stage: Stage) -> Iterator[Figure]:
    """Report the median scores of a few runs: they swing with the load, so nothing is gated on them. It brings 150 packages, so it is not ours by default."""
    if not PROGRAM.exists():
        yield reported("Lighthouse", f"not installed; {INSTALL}", "reported")
        return
    url = executable(stage)
    cookies = "; ".join(f"{cookie['name']}={cookie['value']}" for cookie in stage.logged_in["cookies"])
    for device, wanted in LEAST.items():
        runs = [_run(url, cookies, device) for _ in range(RUNS)]
        scores = [median(_score(run, category) for run in runs) for category in CATEGORIES]
        lost = sorted({name for run in runs for name in _lost(run)})
        said = "/".join(f"{score:.0f}" for score in scores) + (f"; lost by {', '.join(lost)}" if lost else "")
        yield reported(f"Lighthouse, {device}: {', '.join(CATEGORIES)}", said, f"≥ {'/'.join(map(str, wanted))}")


def _run(url: str, cookies: str, device: str) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="bench-lighthouse-") as name:
        report = Path(name) / "report.json"
        command = ["node", str(PROGRAM), url, "--quiet", "--output=json", f"--output-path={report}",
                   f"--only-categories={','.join(CATEGORIES)}", f"--chrome-flags={FLAGS}",
                   f"--extra-headers={json.dumps({'Cookie': cookies})}"]  # fmt: skip
        if device == "desktop":
            command.append("--preset=desktop")
        chromium = shutil.which("chromium") or ""
        subprocess.run(command, check=True, env={**os.environ, "CHROME_PATH": chromium}, stdout=subprocess.DEVNULL)
        found: dict[str, Any] = json.loads(report.read_text())
        return found


def _score(run: dict[str, Any], category: str) -> float:
    return float(run["categories"][category]["score"] or 0.0) * 100


def _lost(run: dict[str, Any]) -> Iterator[str]:
    """Yield the audits, those of speed apart, that did not pass."""
    for category in CATEGORIES[1:]:
        for part in run["categories"][category]["auditRefs"]:
            audit = run["audits"][part["id"]]
            if part["weight"] > 0 and audit["score"] is not None and audit["score"] < 1:
                yield part["id"]
