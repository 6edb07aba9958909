"""Blueprints of a real application behind gunicorn keep the promises that every touchpoint makes."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from plugin_optimizer.domain import Plugin
from plugin_optimizer.testing.touchpoint_contract import TouchpointContract, TouchpointSubject
from plugin_optimizer.touchpoints.blueprint import BlueprintTouchpoint
from plugin_optimizer.touchpoints.gunicorn import GunicornTouchpoint
from plugin_optimizer.touchpoints.python_process import PythonProcessTouchpoint
from tests.gunicorn_service import GunicornService, start_gunicorn, wait_for

pytestmark = pytest.mark.live
ABSENT = Plugin("shop.nobody", "blueprint", {"host": "shop", "blueprint": "nobody"})
SHOP = """
from flask import Blueprint, Flask
from plugin_optimizer.probe import instrument, tunable
app = Flask("shop")
billing = Blueprint("billing", __name__)
size = tunable("batch_size", 10, minimum=1, maximum=100, plugin="shop.billing")
@billing.get("/bill")
def bill():
    return str(size.value)
app.register_blueprint(billing)
app.register_blueprint(Blueprint("idle", __name__))
instrument(app, plugin="shop")
"""


@pytest.fixture
def service(tmp_path: Path) -> Iterator[GunicornService]:
    environment = {
        "PYTHONPATH": str(Path(__file__).parents[2] / "src"),
        "PLUGIN_OPTIMIZER_HOME": str(tmp_path / "home"),
    }
    with start_gunicorn(tmp_path, SHOP, workers=2, env=environment) as service:
        assert service.get("/bill").status == 200
        touchpoint = BlueprintTouchpoint(tmp_path / "home")
        wait_for(lambda: [plugin.plugin_id for plugin in touchpoint.discover()] == ["shop.billing"])
        yield service


class TestBlueprint(TouchpointContract):
    """A setting declared for one Blueprint, in all processes of its host."""

    @pytest.fixture
    def subject(self, tmp_path: Path, service: GunicornService) -> TouchpointSubject:
        touchpoint = BlueprintTouchpoint(tmp_path / "home")
        plugin = Plugin("shop.billing", "blueprint", {"host": "shop", "blueprint": "billing"})
        wait_for(lambda: any(touchpoint.knobs(plugin)))
        return TouchpointSubject(touchpoint, plugin, "batch_size", 40, ABSENT, patience_seconds=150.0)


def test_the_host_keeps_its_name_and_no_part_is_found_twice(tmp_path: Path, service: GunicornService) -> None:
    """The service is `shop`; its part that reports settings is no process of its own; unused Blueprints are no plugins."""
    home = tmp_path / "home"
    bind = f"127.0.0.1:{service.port}"
    wait_for(
        lambda: [p.plugin_id for p in GunicornTouchpoint(home).discover() if p.address["bind"] == bind] == ["shop"]
    )
    assert PythonProcessTouchpoint(home).discover() == []
    assert [plugin.plugin_id for plugin in BlueprintTouchpoint(home).discover()] == ["shop.billing"]
