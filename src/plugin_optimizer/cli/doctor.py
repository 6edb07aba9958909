"""Says why nothing happens: by the server where one answers, else from its files on this host."""

import time
from itertools import groupby
from typing import Any

import click
import msgspec

from ..contracts import User
from ..domain import Message, OptimizerError
from ..web.resources.doctor import doctor_view
from ..web.route import Call
from ..wording import help_for, render
from .client import Client, Declined, Unreachable, with_client
from .local import config_option, local_system
from .output import json_option, print_json

NOT_THERE = frozenset(
    {"no_knob", "no_cache", "no_task_queue", "no_errors", "no_growth", "is_up"}
)  # true of nearly every plugin


@click.command()
@click.option("--plugin", "plugin_id", help="Only about this plugin.")
@click.option("--all", "everything", is_flag=True, help="Also what a plugin has not, and what is well with it.")
@config_option
@json_option
@with_client
def doctor(client: Client, plugin_id: str | None, everything: bool, config: str | None, as_json: bool) -> None:
    """Answer: why are there no suggestions, why was something not executed, why does the dashboard show nothing?"""
    try:
        found = client.get("/doctor", {"plugin_id": plugin_id})
    except Declined as error:
        if error.status != 401:
            raise
        found = _only(Message("login_needed", {}), client.lang)
    except Unreachable as error:
        found = _without_server(client, plugin_id, config, error.message)
    print_json(found) if as_json else _print(found, everything or plugin_id is not None)


def _without_server(client: Client, plugin_id: str | None, config: str | None, detail: str) -> dict[str, Any]:
    """Return the answers of the stores on this host, led by the news that no server answers."""
    trouble = _only(Message("api_unreachable", {"url": client.url, "detail": detail}), client.lang)
    try:
        with local_system(config) as system:
            call = Call(system, User("command line", "viewer"), time.time(), client.lang)
            found: dict[str, Any] = msgspec.to_builtins(doctor_view(call, plugin_id))
    except (OptimizerError, OSError):
        return trouble
    for question in found["questions"]:
        told = [a for a in question["answer"] if a["code"] not in {"api_answers", "login_needed", "login_off"}]
        question["answer"] = [*trouble["questions"][0]["answer"], *told]
    return found


def _only(message: Message, lang: str) -> dict[str, Any]:
    text = render(Message("question_dashboard_empty", {}), lang)
    answer = {"code": message.code, "text": render(message, lang), "help": help_for(message, lang), "plugin_id": None}
    return {"questions": [{"question": "dashboard_empty", "text": text, "answer": [answer]}]}


def _print(found: dict[str, Any], everything: bool) -> None:
    """Print each question with its answers; those about a plugin in a row below its name."""
    for question in found["questions"]:
        click.echo(question["text"])
        hidden = 0
        for plugin_id, group in groupby(question["answer"], key=lambda answer: answer["plugin_id"]):
            told = list(group)
            shown = told if everything or plugin_id is None else [a for a in told if a["code"] not in NOT_THERE]
            hidden += len(told) - len(shown)
            _print_answers(plugin_id, shown)
        if hidden:
            click.echo(f"  {hidden} more of what plugins have not, or is well with them: --all")
        click.echo()


def _print_answers(plugin_id: str | None, answers: list[dict[str, Any]]) -> None:
    alone = plugin_id is None or len(answers) == 1
    if not alone:
        click.echo(f"  • {plugin_id}")
    for answer in answers:
        click.echo(f"  • {answer['text']}" if alone else f"      {answer['text'].removeprefix(f'{plugin_id}: ')}")
        if answer["help"]:
            click.echo(f"{'    ' if alone else '        '}→ {answer['help']}")
