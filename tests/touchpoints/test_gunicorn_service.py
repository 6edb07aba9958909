"""The fixture itself: what other tests stand on."""

from pathlib import Path

import psutil
import pytest

from tests.gunicorn_service import HELLO_APP, start_gunicorn

pytestmark = pytest.mark.live


def test_a_started_service_answers_and_leaves_nothing_behind(tmp_path: Path) -> None:
    """Two workers serve, and after stop() none of its processes is alive."""
    service = start_gunicorn(tmp_path, HELLO_APP, workers=2, name="shop")
    pids = [service.master_pid, *service.worker_pids()]
    try:
        assert service.get("/") == (200, "hello")
        assert len(pids) == 3
    finally:
        service.stop()
    assert not any(psutil.pid_exists(pid) for pid in pids)


def test_a_broken_app_is_reported_with_its_log(tmp_path: Path) -> None:
    """A service that cannot start raises with what gunicorn wrote."""
    with pytest.raises(RuntimeError, match="nonsense"):
        start_gunicorn(tmp_path, "import nonsense")
