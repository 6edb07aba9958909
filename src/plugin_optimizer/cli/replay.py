"""What would the engine have done? History replayed under a policy, from stored samples and recorded requests."""

import json
import os
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import click

from ..bootstrap import load_config
from ..catalog import detectors, planners
from ..domain import ConfigError
from ..execute.policy_layers import Overrides
from ..hindsight import Question, Walk
from ..hindsight.question import default_step
from ..web.moment import iso
from ..web.preview.past import Past, open_past
from ..web.preview.report_view import view_report
from .client import language_of
from .local import config_option
from .moments import duration, moment
from .policy_file import read_policy_file
from .progress import Progress
from .replay_table import print_report

Result = TypeVar("Result")
TOLD_SECONDS = 60.0  # of a beginning that lies later than asked
NOT_VALID = 2  # exit code, as for any other call that cannot be meant


class NotValid(click.ClickException):
    """The call itself is wrong: its policy file, or its times."""

    exit_code = NOT_VALID


@click.command()
@click.option("--since", default="24h", show_default=True, help="How long ago (90m, 24h, 7d), or a time (ISO 8601).")
@click.option("--until", default=None, help="Ditto; now, where it is not given.")
@click.option("--every", default=None, help="Time between two looks, for example 30s; else about 2,000 looks in all.")
@click.option(
    "--policy", "policy_file", type=click.Path(path_type=Path), help="TOML or JSON, laid over the policies in force."
)
@click.option("--plugin", "plugin_ids", multiple=True, help="Think over this plugin only; may be given several times.")
@click.option("--anomalies/--no-anomalies", default=True, help="Also say what would have been called unusual.")
@click.option("--thorough", is_flag=True, help="Ask planners at every look, even where nothing has changed. Slow.")
@click.option("--lang", type=click.Choice(["ko", "en"]), default=None, help="Language of the texts.")
@config_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def replay(
    since: str,
    until: str | None,
    every: str | None,
    policy_file: Path | None,
    plugin_ids: tuple[str, ...],
    anomalies: bool,
    thorough: bool,
    lang: str | None,
    config: str | None,
    as_json: bool,
) -> None:
    """Say what the engine would have suggested, done and saved under a policy, and what really happened.

    Walks through stored samples and recorded requests, seeing at each moment only what was known then. Reads on this
    host beside a running engine; writes nothing and turns nothing.

    Exit code 0: replayed; 1: there is nothing to replay, or it cannot be read; 2: the call or the policy file is not valid.
    """
    began, now = time.monotonic(), time.time()
    begin = moment(since, now, "--since")
    end = now if until is None else min(now, moment(until, now, "--until"))
    if begin >= end:
        raise NotValid("--since lies at or after --until; expected an earlier time, for example --since 24h")
    step = None if every is None else duration(every, "--every")
    overrides = _valid(lambda: read_policy_file(policy_file) if policy_file else {})
    language = lang or language_of(os.environ)
    with open_past(load_config(config)) as past, Progress() as progress:
        question = _question(past, (begin, end, step), overrides, plugin_ids)
        walk = Walk(
            replace(question, thorough=thorough, unusual=anomalies),
            past.samples,
            past.requests,
            past.record(question.since),
            detectors(),
            planners(),
            past.entries(),
            lambda sofar: progress.told(sofar.share),
        )
        report = walk.run()
    seconds = time.monotonic() - began
    if as_json:
        click.echo(json.dumps(view_report(report, language, seconds), ensure_ascii=False, indent=2, allow_nan=False))
    else:
        print_report(report, language, seconds)


def _question(
    past: Past, times: tuple[float, float, float | None], overrides: Overrides, plugin_ids: tuple[str, ...]
) -> Question:
    """Return what is asked of the past. Tells on standard error what cannot be answered as it was asked."""
    since, until, step = times
    plugins = past.plugins
    unknown = sorted(set(plugin_ids) - plugins.keys())
    if unknown:
        raise NotValid(f"no plugin {unknown[0]!r}; known are {', '.join(plugins) or 'none'}")
    begin = past.begin_of(since, until)
    if begin > since + TOLD_SECONDS:
        click.echo(f"samples begin at {iso(begin)}; the replay begins there", err=True)
    for name in sorted(set(overrides) - past.targets):
        click.echo(f"the policy names {name}, which was never seen", err=True)
    return Question(
        since=begin,
        until=until,
        every_seconds=default_step(until - begin) if step is None else step,
        plugins=plugins,
        asked=frozenset(plugin_ids or plugins),
        policies=_valid(lambda: past.policies(overrides)),
        window_seconds=past.config.engine.window_seconds,
        interval_seconds=past.config.engine.interval_seconds,
        cores=len(os.sched_getaffinity(0)),
    )


def _valid(read: Callable[[], Result]) -> Result:
    """Return what was read; a policy that does not fit is a call that cannot be meant."""
    try:
        return read()
    except ConfigError as error:
        raise NotValid(str(error)) from error
