"""The group of all commands, each imported when it is asked for: `--help` must not wait for numpy and Flask."""

import importlib

import click

from .. import __version__
from ..domain import OptimizerError

# Command → module:attribute and its line in `--help`.
COMMANDS = {
    "demo": ("plugin_optimizer.demo.command:demo", "Run a back office with real faults on this machine and watch."),
    "serve": ("plugin_optimizer.cli.serve:serve", "Run the engine, the API and the dashboard."),
    "agent": ("plugin_optimizer.cli.agent:agent", "Sense and signal for a server that may not (agent.separate)."),
    "status": ("plugin_optimizer.cli.reading:status", "Show how the plugins are."),
    "suggestions": ("plugin_optimizer.cli.reading:suggestions", "List what is suggested."),
    "execute": ("plugin_optimizer.cli.acting:execute", "Execute a suggestion."),
    "snooze": ("plugin_optimizer.cli.setting_aside:snooze", "Let a suggestion wait until it is worse."),
    "wake": ("plugin_optimizer.cli.setting_aside:wake", "Show a snoozed suggestion again."),
    "incidents": ("plugin_optimizer.cli.incidents:incidents", "Show what is wrong, one line for each cause."),
    "feedback": ("plugin_optimizer.cli.feedback:feedback", "Say that something unusual was no problem."),
    "drill": ("plugin_optimizer.cli.drill:drill", "Look closely at one metric: changes of level, shapes of before."),
    "analyze": ("plugin_optimizer.cli.analyze:analyze", "Say what is unusual in a file of numbers over time."),
    "history": ("plugin_optimizer.cli.history:history", "List or export what was executed, with its verdict."),
    "calibration": ("plugin_optimizer.cli.calibration:calibration", "Show how well predictions held."),
    "track-record": ("plugin_optimizer.cli.track_record:track_record", "Show how changes turned out, by kind."),
    "replay": ("plugin_optimizer.cli.replay:replay", "Replay history under a policy (on the server's host)."),
    "executions": ("plugin_optimizer.cli.executions:executions", "List what is under way, or waits for you."),
    "close": ("plugin_optimizer.cli.executions:close", "Leave as it is what the engine gave up."),
    "rollback": ("plugin_optimizer.cli.acting:rollback", "Undo an execution."),
    "estop": ("plugin_optimizer.cli.estop:estop", "Emergency stop, with or without a running server (on its host)."),
    "audit": ("plugin_optimizer.cli.audit:audit", "Check, list and export the audit (on the server's host)."),
    "profile": ("plugin_optimizer.cli.profile:profile", "Say where the CPU or the memory of an application goes."),
    "doctor": ("plugin_optimizer.cli.doctor:doctor", "Say why nothing happens."),
    "policy": ("plugin_optimizer.cli.policy:policy", "Show or change what is allowed."),
    "notify": ("plugin_optimizer.cli.notify:notify", "Test channels, list messages, send one again."),
    "discover": ("plugin_optimizer.cli.discover:discover", "List what could be watched on this host."),
    "token": ("plugin_optimizer.cli.people:token", "Make, list and revoke API tokens (on the server's host)."),
    "user": ("plugin_optimizer.cli.people:user", "Add users and change passwords (on the server's host)."),
    "version": ("plugin_optimizer.cli.main:version", "Print the version."),
}


class LazyGroup(click.Group):
    """A group whose commands are imported when they are run, not when they are listed."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name][0].partition(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])

    def invoke(self, ctx: click.Context) -> object:
        """Turn what the product raises on purpose into a message and exit code 1."""
        try:
            return super().invoke(ctx)
        except OptimizerError as error:
            raise click.ClickException(str(error)) from error


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Watches the plugins of a running platform, suggests changes, makes them, and undoes what did not help."""


@click.command()
def version() -> None:
    """Print the version."""
    click.echo(f"plugin-optimizer {__version__}")
