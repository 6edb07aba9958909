"""Inside another application: below its prefix, behind its login, under a strict content security policy."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from browser.looking import by, inside
from browser.visiting import visited
from gunicorn_service import start_gunicorn
from playwright.sync_api import Browser, Request, expect

from benchmarks.web.large_fleet import LargeFleet

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

PREFIX = "/admin/tools"
SIZE = 12
HOST = """
from flask import Flask, redirect
from flask_login import LoginManager, UserMixin, login_required, login_user

from plugin_optimizer.web.blueprint import create_blueprint
from plugin_optimizer.web.hosting import host, hosted_system

app = Flask("shop")
app.secret_key = "of the shop"
app.config["PLUGIN_OPTIMIZER"] = {{"engine": {{"state_dir": "{state}", "start": False}}}}
manager = LoginManager(app)
manager.login_view = "enter"

class Clerk(UserMixin):
    id = "kim"
    role = "operator"

manager.user_loader(lambda name: Clerk() if name == "kim" else None)

@app.get("/enter")
def enter():
    login_user(Clerk())
    return redirect("{prefix}/plugin-optimization/")

@app.get("/")
@login_required
def shop():
    return "the shop"

plugins = create_blueprint(hosted_system)
plugins.record_once(host)
app.register_blueprint(plugins, name="plugin_optimization_api", url_prefix="{prefix}")
"""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Returns the address of an application that mounts the optimizer below its prefix."""
    directory: Path = tmp_path_factory.mktemp("host")
    fleet = LargeFleet(directory / "fleet", SIZE)
    fleet.settle()
    source = HOST.format(state=fleet.state, prefix=PREFIX)
    with start_gunicorn(directory, source, extra=["--worker-class", "gthread", "--threads", "16"]) as service:
        yield f"http://127.0.0.1:{service.port}"


def test_the_hosts_login_opens_a_live_dashboard_below_its_prefix(browser: Browser, shop: str) -> None:
    """Every address asked for lies below the prefix (but for the host's login); nothing inline is needed."""
    paths: list[str] = []

    def note(request: Request) -> None:
        paths.append(urlsplit(request.url).path)

    with visited(browser, shop, ("401",)) as context:
        page = context.new_page()
        page.on("request", note)
        answer = page.goto(f"{shop}{PREFIX}/plugin-optimization/?q=orders")
        assert answer is not None
        policy = answer.headers["content-security-policy"]
        assert "unsafe" not in policy
        assert "default-src 'none'" in policy
        page.get_by_role("link", name="Log in").click()
        inside(page)
        expect(by(page, "account-name")).to_contain_text("kim")
        page.locator("[data-testid^=plugin-row-] button").first.click()
        expect(page.locator("[data-testid^=panel-]").first).to_be_visible()
        by(page, "tab-history").click()
        expect(page.locator("#history-title")).to_be_visible()
        page.reload()
        expect(page.locator("#history-title")).to_be_visible()
    own = {path for path in paths if not path.startswith(f"{PREFIX}/")}
    assert own <= {"/enter"}, own
    assert f"{PREFIX}/api/plugin-optimization/events" in paths
