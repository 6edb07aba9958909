"""Makes sure that a person with the right to it is there: by an administrator's password, or at least a terminal."""

import sys
import time

import click

from ..contracts import StateStore
from ..web.attempts import count_try, forgive_tries
from ..web.password import password_fits
from ..web.problem import Problem

ADDRESS = "command line"


def ask_administrator(state: StateStore, name: str | None, question: str) -> str:
    """Return who answers for it. Raises ClickException for a wrong password, too many tries, or without a terminal.

    Where there is no administrator (a server without login), whoever sits at the terminal is asked `question`.
    """
    if not any(user.role == "admin" for user in state.users()):
        return _ask_terminal(question)
    name = name or str(click.prompt("Administrator"))
    password = str(click.prompt(f"Password of {name}", hide_input=True))
    try:
        count_try(state, name, ADDRESS, time.time())
    except Problem as problem:
        raise click.ClickException(problem.detail) from problem
    found = state.user(name)
    if not password_fits(password, found[1] if found else None) or found is None or found[0].role != "admin":
        raise click.ClickException("the name or the password is wrong, or that user is no administrator")
    forgive_tries(state, name, ADDRESS)
    return f"{name} (command line)"


def _ask_terminal(question: str) -> str:
    if not sys.stdin.isatty():
        raise click.ClickException(
            "this is for a person: run it on a terminal, or make an administrator by: plugin-optimizer user add NAME "
            "--role admin"
        )
    click.confirm(question, abort=True)
    return "terminal (command line)"
