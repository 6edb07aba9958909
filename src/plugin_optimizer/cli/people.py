"""Users and tokens, on the host of the server: whoever may write its state may make them."""

import time
from collections import Counter

import click

from ..web import token as tokens
from ..web.login import IDLE_SECONDS
from ..web.moment import iso
from ..web.password import hash_password
from .local import config_option, local_system
from .output import json_option, print_json, print_table

DAY_SECONDS = 86_400.0
ACTOR = "command line"
role_option = click.option(
    "--role", type=click.Choice(["viewer", "operator", "admin"]), default="operator", show_default=True
)


@click.group()
def token() -> None:
    """Make, list and revoke API tokens."""


@token.command()
@click.argument("name")
@click.option(
    "--role",
    type=click.Choice(["sender", "viewer", "operator", "admin"]),
    default="operator",
    show_default=True,
    help="`sender` may push figures of the plugins whose configuration names the token, and see nothing.",
)
@click.option("--days", default=90, show_default=True, type=click.IntRange(1, 365), help="Valid for so many days.")
@config_option
@json_option
def create(name: str, role: str, days: int, config: str | None, as_json: bool) -> None:
    """Make a token. It is shown once and stored only as a hash."""
    secret, now = tokens.mint(), time.time()
    with local_system(config) as system:
        if name in {row[0] for row in system.state.tokens()}:
            raise click.ClickException(f"a token is called {name!r} already; revoke it first, or take another name")
        system.state.save_token(name, role, tokens.digest(secret), now + days * DAY_SECONDS, now, ACTOR)
    print_json({"name": name, "role": role, "token": secret}) if as_json else click.echo(secret)


@token.command(name="list")
@config_option
@json_option
def list_(config: str | None, as_json: bool) -> None:
    """List tokens, without their secrets."""
    with local_system(config) as system:
        rows = [(name, role, iso(made), iso(ends)) for name, role, made, ends in system.state.tokens()]
    if as_json:
        print_json([dict(zip(("name", "role", "created_at", "expires_at"), row, strict=True)) for row in rows])
        return
    print_table(("name", "role", "created", "expires"), rows, "no tokens")


@token.command()
@click.argument("name")
@config_option
def revoke(name: str, config: str | None) -> None:
    """Revoke a token; it stops working at once."""
    with local_system(config) as system:
        system.state.revoke_token(name, ACTOR, time.time())
    click.echo(f"{name} is revoked")


@click.group()
def user() -> None:
    """Add and remove users, change passwords and roles."""


@user.command()
@click.argument("name")
@role_option
@click.password_option(help="Asked for where it is not given.")
@config_option
def add(name: str, role: str, password: str, config: str | None) -> None:
    """Add a user."""
    with local_system(config) as system:
        if system.state.user(name) is not None:
            raise click.ClickException(
                f"{name!r} exists; change the password by: plugin-optimizer user password {name}"
            )
        system.state.save_user(name, role, hash_password(password), time.time())
    click.echo(f"{name} may log in as {role}")


@user.command()
@click.argument("name")
@click.password_option(help="Asked for where it is not given.")
@config_option
def password(name: str, password: str, config: str | None) -> None:
    """Change a password; sessions under the old one end."""
    with local_system(config) as system:
        found = system.state.user(name)
        if found is None:
            raise click.ClickException(f"no user is called {name!r}; add one by: plugin-optimizer user add {name}")
        system.state.save_user(name, found[0].role, hash_password(password), time.time())
    click.echo(f"the password of {name} is changed")


@user.command()
@click.argument("name")
@role_option
@config_option
def role(name: str, role: str, config: str | None) -> None:
    """Give a user another role; their sessions end."""
    with local_system(config) as system:
        found = system.state.user(name)
        if found is None:
            raise click.ClickException(f"no user is called {name!r}; add one by: plugin-optimizer user add {name}")
        system.state.save_user(name, role, found[1], time.time())
    click.echo(f"{name} may log in as {role}")


@user.command()
@click.argument("name")
@config_option
def remove(name: str, config: str | None) -> None:
    """Remove a user; their sessions end at once."""
    with local_system(config) as system:
        system.state.remove_user(name, ACTOR, time.time())
    click.echo(f"{name} is removed")


@user.command(name="list")
@config_option
@json_option
def list_users(config: str | None, as_json: bool) -> None:
    """List users, and how often each is logged in now."""
    with local_system(config) as system:
        known, held = system.state.users(), system.state.sessions(time.time(), IDLE_SECONDS)
    logged_in = Counter(session.name for session in held)
    rows = [(person.name, person.role, logged_in[person.name]) for person in known]
    if as_json:
        print_json([dict(zip(("name", "role", "sessions"), row, strict=True)) for row in rows])
        return
    print_table(("name", "role", "sessions"), rows, "no users")
