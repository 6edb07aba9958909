"""Knobs inside the application, which its probe reports and which are turned through the probe's channel."""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from ..domain import Knob, NotFound, Plugin, Refused, Unobservable, Value
from ..probe import channel


def plugin_of_process(home: Path) -> Mapping[tuple[int, int], str]:
    """Return the plugin that each process with a probe said it belongs to, by (pid, start tick).

    A part of an application (`shop.billing`) reports beside its host (`shop`): the host's name is the shorter one.
    Raises Unobservable.
    """
    try:
        return {
            (process.pid, process.start_ticks): plugin
            for plugin in sorted(channel.plugins(home), key=len, reverse=True)
            for process in channel.processes(home, plugin)
        }
    except OSError as error:
        raise Unobservable(f"the probes' reports cannot be read: {error}") from error


def tunable_knobs(home: Path, plugin: Plugin, processes: Collection[tuple[int, int]]) -> list[Knob]:
    """Return the knobs that the probes in these processes, (pid, start tick), report. Raises Unobservable."""
    try:
        found = channel.reports(home, plugin.plugin_id)
        wanted = _ordered(home, plugin)
    except OSError as error:
        raise Unobservable(f"the probes' channel of {plugin.plugin_id} cannot be read: {error}") from error
    live = [report for report in found if (report.pid, report.start_ticks) in processes]
    by_name: dict[str, list[channel.KnobReport]] = {}
    for report in sorted(live, key=lambda report: report.start_ticks):
        for knob in report.knobs:
            by_name.setdefault(knob.name, []).append(knob)
    return [_knob(reported, wanted.get(name)) for name, reported in by_name.items()]


def _ordered(home: Path, plugin: Plugin) -> Mapping[str, Value]:
    """Return the values all processes were ordered to run with; none where the file is broken (they follow none)."""
    try:
        return channel.read_settings(home, plugin.plugin_id).values
    except channel.SettingsCorrupt:
        return {}


def named(knobs: Sequence[Knob], plugin: Plugin, name: str) -> Knob:
    """Return the knob of that name. Raises NotFound, saying which there are."""
    for knob in knobs:
        if knob.name == name:
            return knob
    known = ", ".join(knob.name for knob in knobs) or "none (declare one with `tunable`)"
    raise NotFound(f"{plugin.plugin_id} has no knob {name!r}; it has {known}")


def turn_tunable(home: Path, plugin: Plugin, name: str, to: Value) -> None:
    """Order `to` for all processes of the plugin, present and future. Raises Refused."""
    try:
        if _overruled(home, plugin, name, to):
            channel.renew_setting(home, plugin.plugin_id, name, to)
        else:
            channel.write_setting(home, plugin.plugin_id, name, to)
    except (OSError, ValueError) as error:
        raise Refused(f"{name} of {plugin.plugin_id} cannot be set to {to!r}: {error}") from error


def _overruled(home: Path, plugin: Plugin, name: str, to: Value) -> bool:
    """Tell whether a process has seen the order for `to` and its application has set another value since."""
    try:
        settings = channel.read_settings(home, plugin.plugin_id)
    except channel.SettingsCorrupt:
        return False
    if name not in settings.values or settings.values[name] != to:
        return False
    ordered = settings.versions[name]
    reported = ((report.version, report.knob(name)) for report in channel.reports(home, plugin.plugin_id))
    return any(version >= ordered and knob is not None and knob.value != to for version, knob in reported)


def _knob(reported: Sequence[channel.KnobReport], wanted: Value | None) -> Knob:
    newest = reported[-1]
    return Knob(
        name=newest.name,
        value=_common_value([knob.value for knob in reported], wanted),
        minimum=newest.minimum,
        maximum=newest.maximum,
        choices=newest.choices,
        unit=newest.unit,
        step=newest.step,
        persistent=newest.persistent,
        kind=newest.kind,
    )


def _common_value(values: Sequence[Value], wanted: Value | None) -> Value:
    """Return what all processes run with; while they differ, one that is not yet what was ordered."""
    return next((value for value in values if value != wanted), values[0])
