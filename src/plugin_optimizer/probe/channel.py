"""The channel between the probes of a host and its engine: files below one private directory.

    <home>/plugins/<plugin>/settings.json                         what all processes are to run with (engine writes)
    <home>/plugins/<plugin>/processes/<pid>-<start>.report.json   what each process runs with (probe writes)
                                      <pid>-<start>.ring          recent requests
                                      <pid>-<start>.cache-<name>.ring   recent keys of one cache
                                      <pid>-<start>.log.jsonl     what the numbers in the rings stand for

Neither side needs the other to be there. Standard library only: both sides import this.
"""

from .places import (
    ChannelRefused,
    ProcessIdentity,
    home,
    plugin_name,
    plugins,
    processes,
    recorded_processes,
)
from .report import CacheReport, KnobReport, Report, reports
from .settings import (
    Settings,
    SettingsCorrupt,
    Value,
    drop_setting,
    read_settings,
    renew_setting,
    write_setting,
)

__all__ = [
    "CacheReport",
    "ChannelRefused",
    "KnobReport",
    "ProcessIdentity",
    "Report",
    "Settings",
    "SettingsCorrupt",
    "Value",
    "drop_setting",
    "home",
    "plugin_name",
    "plugins",
    "processes",
    "read_settings",
    "recorded_processes",
    "renew_setting",
    "reports",
    "write_setting",
]
