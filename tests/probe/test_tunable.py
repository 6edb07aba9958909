"""What a knob inside the application promises."""

from pathlib import Path

import pytest

from plugin_optimizer.probe import channel, registry, tunable


@pytest.fixture
def plugin(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A plugin of this test's own, with its files below `tmp_path`."""
    name = channel.plugin_name(request.node.name[-60:])
    registry.named(name, tmp_path)
    return name


def turn(plugin: str) -> None:
    """Do at once what the background thread does every quarter of a second."""
    registry.named(plugin).turn()


def test_a_setting_reaches_the_knob_and_calls_on_change(tmp_path: Path, plugin: str) -> None:
    """The application is told the new value once."""
    told: list[int] = []
    knob = tunable("batch", 5, minimum=1, maximum=10, on_change=told.append, plugin=plugin)
    version = channel.write_setting(tmp_path, plugin, "batch", 7)
    turn(plugin)
    turn(plugin)
    assert (knob.value, told) == (7, [7])
    report = channel.reports(tmp_path, plugin)[0]
    assert report.version == version
    found = report.knob("batch")
    assert found is not None
    assert (found.value, found.minimum, found.maximum, found.persistent) == (7, 1, 10, True)


def test_a_setting_wins_over_the_declared_value_from_the_beginning(tmp_path: Path, plugin: str) -> None:
    """A process that starts later has the value when `tunable` returns."""
    channel.write_setting(tmp_path, plugin, "batch", 7)
    assert tunable("batch", 5, plugin=plugin).value == 7


def test_the_applications_own_change_wins_until_a_newer_setting(tmp_path: Path, plugin: str) -> None:
    """Who spoke last is obeyed."""
    channel.write_setting(tmp_path, plugin, "batch", 7)
    knob = tunable("batch", 5, plugin=plugin)
    knob.set(6)
    turn(plugin)
    assert knob.value == 6
    channel.write_setting(tmp_path, plugin, "other", 1)
    turn(plugin)
    assert knob.value == 6
    channel.write_setting(tmp_path, plugin, "batch", 8)
    turn(plugin)
    assert knob.value == 8


def test_a_dropped_setting_gives_the_knob_back(tmp_path: Path, plugin: str) -> None:
    """Without a setting every process runs with the application's own value, old processes too."""
    channel.write_setting(tmp_path, plugin, "batch", 7)
    knob = tunable("batch", 5, plugin=plugin)
    channel.drop_setting(tmp_path, plugin, "batch")
    turn(plugin)
    assert knob.value == 5


@pytest.mark.parametrize("value", [0, 11, "five", 5.5, True])
def test_a_setting_that_does_not_fit_changes_nothing(tmp_path: Path, plugin: str, value: channel.Value) -> None:
    """Bounds and type are the knob's own; the report keeps telling what runs."""
    knob = tunable("batch", 5, minimum=1, maximum=10, plugin=plugin)
    channel.write_setting(tmp_path, plugin, "batch", value)
    turn(plugin)
    assert knob.value == 5


def test_choices_are_kept(tmp_path: Path, plugin: str) -> None:
    """A textual knob takes its words only."""
    knob = tunable("policy", "lru", choices=("lru", "fifo"), plugin=plugin)
    channel.write_setting(tmp_path, plugin, "policy", "fifo")
    turn(plugin)
    assert knob.value == "fifo"
    with pytest.raises(ValueError, match="one of lru, fifo"):
        knob.set("arc")


def test_a_whole_number_suits_a_fractional_knob_and_the_other_way_round(tmp_path: Path, plugin: str) -> None:
    """JSON does not tell 5 from 5.0, the knob's type does."""
    seconds = tunable("seconds", 0.5, plugin=plugin)
    batch = tunable("batch", 5, plugin=plugin)
    channel.write_setting(tmp_path, plugin, "seconds", 2)
    channel.write_setting(tmp_path, plugin, "batch", 6.0)
    turn(plugin)
    assert (seconds.value, type(seconds.value)) == (2.0, float)
    assert (batch.value, type(batch.value)) == (6, int)


def test_a_change_the_application_cannot_take_is_not_claimed(tmp_path: Path, plugin: str) -> None:
    """If `on_change` raises, the old value stays in force and in the report; nothing else breaks."""

    def refuse(_value: int) -> None:
        raise RuntimeError("the pool is closed")

    knob = tunable("pool", 5, on_change=refuse, plugin=plugin)
    other = tunable("batch", 1, plugin=plugin)
    channel.write_setting(tmp_path, plugin, "pool", 7)
    channel.write_setting(tmp_path, plugin, "batch", 2)
    turn(plugin)
    found = channel.reports(tmp_path, plugin)[0].knob("pool")
    assert (knob.value, other.value) == (5, 2)
    assert found is not None
    assert found.value == 5


def test_a_broken_settings_file_keeps_what_runs(tmp_path: Path, plugin: str) -> None:
    """Rubbish in the file is not an order to go back."""
    channel.write_setting(tmp_path, plugin, "batch", 7)
    knob = tunable("batch", 5, plugin=plugin)
    (tmp_path / f"plugins/{plugin}/settings.json").write_text("{")
    turn(plugin)
    assert knob.value == 7


def test_a_declaration_outside_its_own_bounds_is_an_error_of_the_author(plugin: str) -> None:
    """The author hears it where the mistake is."""
    with pytest.raises(ValueError, match="takes 10 to 20"):
        tunable("batch", 5, minimum=10, maximum=20, plugin=plugin)


def test_an_unwritable_home_leaves_the_knob_as_declared(tmp_path: Path) -> None:
    """Without a channel a knob is a plain value."""
    blocked = tmp_path / "file"
    blocked.write_text("not a directory")
    registry.named("blocked-home", blocked)
    knob = tunable("batch", 5, plugin="blocked-home")
    turn("blocked-home")
    assert knob.value == 5
