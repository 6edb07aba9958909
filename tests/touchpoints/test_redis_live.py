"""What the Redis touchpoint does on real servers beyond the contract: what lasts, what is refused, what is only told."""

import subprocess
from pathlib import Path

import pytest
import redis

from plugin_optimizer.domain import Gone, Knob, Metric, Plugin, Refused, Reversibility, Unobservable
from plugin_optimizer.touchpoints.redis import RedisTouchpoint
from tests.gunicorn_service import free_port
from tests.redis_service import MEBIBYTE, RedisService, start_redis

pytestmark = pytest.mark.live
LRU = ("--maxmemory-policy", "allkeys-lru")


def met(service: RedisService, **address: str) -> tuple[RedisTouchpoint, Plugin]:
    plugin = Plugin("sessions", "redis", {"url": service.url, **address})
    return RedisTouchpoint((plugin,)), plugin


def knob_of(touchpoint: RedisTouchpoint, plugin: Plugin, name: str = "maxmemory") -> Knob:
    return next(knob for knob in touchpoint.knobs(plugin) if knob.name == name)


def test_what_was_kept_survives_a_restart(tmp_path: Path) -> None:
    """Turned, made to last, restarted: the new life runs with the value, and the file keeps its comments."""
    config = "# the cache of the shop\nmaxmemory 8mb\nmaxmemory-policy allkeys-lru\n"
    with start_redis(tmp_path, config=config) as service:
        touchpoint, plugin = met(service)
        touchpoint.turn(plugin, "maxmemory", 16 * MEBIBYTE)
        first = touchpoint.incarnation(plugin)
        assert touchpoint.persist(plugin, "maxmemory", 16 * MEBIBYTE)
        service.restart()
        assert touchpoint.incarnation(plugin) != first
        assert knob_of(touchpoint, plugin).value == 16 * MEBIBYTE
        assert "# the cache of the shop" in service.config_path.read_text()


def test_without_a_file_nothing_is_called_lasting(tmp_path: Path) -> None:
    """A restart takes it back, and the knob said so before."""
    with start_redis(tmp_path, "--maxmemory", "8mb") as service:
        touchpoint, plugin = met(service)
        assert not knob_of(touchpoint, plugin).persistent
        touchpoint.turn(plugin, "maxmemory", 16 * MEBIBYTE)
        assert not touchpoint.persist(plugin, "maxmemory", 16 * MEBIBYTE)
        service.restart()
        assert knob_of(touchpoint, plugin).value == 8 * MEBIBYTE


def test_growth_is_exactly_reversible_and_shrinking_is_not(tmp_path: Path) -> None:
    """More room can be taken back at any time, also when it has been filled; less room costs keys, and is marked so."""
    with start_redis(tmp_path, "--maxmemory", "8mb", *LRU) as service:
        touchpoint, plugin = met(service)
        knob = knob_of(touchpoint, plugin)
        assert knob.reversibility_to(16 * MEBIBYTE) is Reversibility.REVERSIBLE
        assert knob.reversibility_to(4 * MEBIBYTE) is Reversibility.LOSSY
        service.fill(9_000)
        before = service.client.dbsize()
        touchpoint.turn(plugin, "maxmemory", 16 * MEBIBYTE)
        service.fill(15_000)
        assert service.client.dbsize() > 1.2 * before
        touchpoint.turn(plugin, "maxmemory", 8 * MEBIBYTE)
        assert knob_of(touchpoint, plugin).value == 8 * MEBIBYTE


def test_no_change_goes_below_what_is_used(tmp_path: Path) -> None:
    """The knob names what is needed: 1.25 times what is in use. The rails let no change go below."""
    with start_redis(tmp_path, "--maxmemory", "64mb", *LRU) as service:
        touchpoint, plugin = met(service)
        service.fill(9_000)
        used = int(service.client.info("memory")["used_memory"])
        needed = knob_of(touchpoint, plugin).needed
        assert needed is not None
        assert needed == pytest.approx(1.25 * used, rel=0.05)


def test_a_first_limit_below_what_is_used_is_refused(tmp_path: Path) -> None:
    """A server without a limit may be a store: what it holds is not thrown away."""
    with start_redis(tmp_path, *LRU) as service:
        touchpoint, plugin = met(service)
        service.fill(9_000)
        with pytest.raises(Refused, match="in use"):
            touchpoint.turn(plugin, "maxmemory", 4 * MEBIBYTE)
        assert service.client.dbsize() == 9_000


def test_a_limit_that_would_make_every_write_fail_is_refused(tmp_path: Path) -> None:
    """noeviction has nothing to evict, and a policy for keys with a time to live finds none where no key has one."""
    for policy in ("noeviction", "volatile-lru"):
        with start_redis(tmp_path, "--maxmemory", "64mb", "--maxmemory-policy", policy) as service:
            touchpoint, plugin = met(service)
            service.fill(9_000)
            with pytest.raises(Refused, match="every write would fail"):
                touchpoint.turn(plugin, "maxmemory", 4 * MEBIBYTE)
            assert service.client.set("one more", "1")


def test_policies_that_do_harm_at_once_are_refused(tmp_path: Path) -> None:
    """noeviction of a full cache, volatile-* where no key expires. What harms nobody is set, and can be set back."""
    with start_redis(tmp_path, "--maxmemory", "4mb", *LRU) as service:
        touchpoint, plugin = met(service)
        service.fill(9_000)
        for harmful in ("noeviction", "volatile-lru", "volatile-ttl"):
            with pytest.raises(Refused, match="fail"):
                touchpoint.turn(plugin, "maxmemory-policy", harmful)
        touchpoint.turn(plugin, "maxmemory-policy", "allkeys-lfu")
        assert knob_of(touchpoint, plugin, "maxmemory-policy").value == "allkeys-lfu"
        assert service.client.set("one more", "1")
        service.client.flushall()
        service.fill(9_000, seconds_to_live=600)
        touchpoint.turn(plugin, "maxmemory-policy", "volatile-lru")
        assert service.client.set("one more", "1", ex=600)


def test_where_config_is_forbidden_it_is_sensed_and_not_turned(tmp_path: Path) -> None:
    """An access list without CONFIG, as managed services have it: figures, no knobs, the reason, and no errors on its books."""
    rules = ("--user", "watcher", "on", ">secret", "~*", "+@all", "-config")
    with start_redis(tmp_path, "--maxmemory", "8mb", *rules) as service:
        (tmp_path / "secret").write_text("secret\n")
        touchpoint, plugin = met(service, username="watcher", password_file=str(tmp_path / "secret"))
        samples = {sample.metric: sample.value for sample in touchpoint.sense(plugin, 1.0)}
        assert samples[Metric.UP] == 1
        assert touchpoint.knobs(plugin) == []
        assert "CONFIG" in touchpoint.not_offered(plugin)["maxmemory"]
        assert touchpoint.cache_server(plugin).forbidden == "cache_config_forbidden"
        assert touchpoint.cache_server(plugin).limit_bytes == 8 * MEBIBYTE
        with pytest.raises(Refused):
            touchpoint.turn(plugin, "maxmemory", 16 * MEBIBYTE)
        assert service.client.config_get("maxmemory")["maxmemory"] == str(8 * MEBIBYTE)
        refused = service.client.info("commandstats")["cmdstat_config|get"]["rejected_calls"]
        for _ in range(5):
            touchpoint.knobs(plugin)
            touchpoint.cache_server(plugin)
        assert service.client.info("commandstats")["cmdstat_config|get"]["rejected_calls"] == refused


def test_a_replica_is_sensed_and_not_turned(tmp_path: Path) -> None:
    """maxmemory is ignored on a replica: its knobs are not offered."""
    with start_redis(tmp_path) as primary, start_redis(tmp_path, "--replicaof", f"127.0.0.1 {primary.port}") as replica:
        touchpoint, plugin = met(replica)
        assert touchpoint.knobs(plugin) == []
        assert "replica" in touchpoint.not_offered(plugin)["maxmemory"]


def test_a_server_that_wants_a_password_is_found_and_not_watched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is nobody's plugin until a secret is named; a wrong or missing one is said, and never that it is down."""
    with start_redis(tmp_path, "--requirepass", "secret", password="secret") as service:
        touchpoint = RedisTouchpoint()
        assert service.url not in {plugin.address["url"] for plugin in touchpoint.discover()}
        assert any(plugin.address["url"] == service.url and "password" in why for plugin, why in touchpoint.found())
        named, plugin = met(service, password="$SHOP_CACHE_PASSWORD")
        with pytest.raises(Unobservable, match="SHOP_CACHE_PASSWORD"):
            named.sense(plugin, 1.0)
        monkeypatch.setenv("SHOP_CACHE_PASSWORD", "secret")
        assert {sample.metric: sample.value for sample in named.sense(plugin, 1.0)}[Metric.UP] == 1


def test_one_server_has_one_name(tmp_path: Path) -> None:
    """What the configuration names is found under that name alone, and nobody turns it under another."""
    with start_redis(tmp_path, "--maxmemory", "8mb") as service:
        touchpoint, _ = met(service)
        names = [found.plugin_id for found in touchpoint.discover() if found.address["url"] == service.url]
        assert names == ["sessions"]
        other = Plugin(f"redis-{service.port}", "redis", {"url": f"redis://localhost:{service.port}"})
        with pytest.raises(Gone, match="sessions"):
            touchpoint.turn(other, "maxmemory", 16 * MEBIBYTE)


def test_another_life_is_looked_at_before_it_is_turned(tmp_path: Path) -> None:
    """A restart between the look and the deed: nothing is turned on a server that nobody looked at."""
    with start_redis(tmp_path, "--maxmemory", "8mb") as service:
        touchpoint, plugin = met(service)
        knob_of(touchpoint, plugin)
        service.restart()
        with pytest.raises(Unobservable):
            touchpoint.turn(plugin, "maxmemory", 16 * MEBIBYTE)
        knob_of(touchpoint, plugin)
        touchpoint.turn(plugin, "maxmemory", 16 * MEBIBYTE)
        assert knob_of(touchpoint, plugin).value == 16 * MEBIBYTE


def test_rates_are_of_applications_and_of_this_life(tmp_path: Path) -> None:
    """Hits, misses and errors between two looks; our own questions are not counted, and nothing spans a restart."""
    with start_redis(tmp_path, "--maxmemory", "8mb", *LRU) as service:
        touchpoint, plugin = met(service)
        touchpoint.sense(plugin, 100.0)
        service.fill(100)
        for number in range(150):
            service.client.get(f"key:{number}")
        with pytest.raises(redis.ResponseError):
            service.client.lpush("key:1", "a list")
        seen = {sample.metric: sample.value for sample in touchpoint.sense(plugin, 110.0)}
        assert seen[Metric.CACHE_HIT_RATIO] == pytest.approx(100 / 150)
        assert seen[Metric.REQUESTS] == 251
        assert seen[Metric.THROUGHPUT_PER_SECOND] == pytest.approx(25.1)
        assert seen[Metric.ERROR_RATIO] == pytest.approx(1 / 251)
        assert seen[Metric.CACHE_ENTRIES] == 100
        assert seen[Metric.EXPIRING_RATIO] == 0
        assert seen[Metric.FRAGMENTATION_RATIO] > 0
        assert seen[Metric.RESTARTS] == 0
        service.restart()
        seen = {sample.metric: sample.value for sample in touchpoint.sense(plugin, 120.0)}
        assert seen[Metric.RESTARTS] == 1
        assert Metric.REQUESTS not in seen


def test_a_secret_goes_nowhere_but_to_the_place_that_the_configuration_names(tmp_path: Path) -> None:
    """Asked about a plugin that its own configuration does not know, it reads no file and hands no variable over."""
    with start_redis(tmp_path, "--requirepass", "secret", password="secret") as service:
        (tmp_path / "secret").write_text("secret\n")
        asked = {"url": service.url, "password_file": str(tmp_path / "secret"), "username": "default"}
        with pytest.raises(Unobservable, match="password"):
            RedisTouchpoint().sense(Plugin("stranger", "redis", asked), 1.0)
        elsewhere = {"url": "redis://127.0.0.1:1", "password_file": str(tmp_path / "secret")}
        named = RedisTouchpoint((Plugin("sessions", "redis", elsewhere),))
        assert named.sense(Plugin("sessions", "redis", asked), 1.0)[0].value == 0


def test_over_tls_the_other_side_is_checked(tmp_path: Path) -> None:
    """rediss:// with the authority that signed it is sensed and turned; with another authority nothing is said to it."""
    certificate, key = tmp_path / "server.pem", tmp_path / "server.key"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"),
            *("-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate),
        ],
        check=True,
        capture_output=True,
    )
    port = free_port()
    files = ("--tls-cert-file", str(certificate), "--tls-key-file", str(key), "--tls-ca-cert-file", str(certificate))
    with start_redis(tmp_path, "--maxmemory", "8mb", "--tls-port", str(port), "--tls-auth-clients", "no", *files):
        url = f"rediss://127.0.0.1:{port}"
        trusted = Plugin("sessions", "redis", {"url": url, "ca_file": str(certificate)})
        touchpoint = RedisTouchpoint((trusted,))
        assert touchpoint.sense(trusted, 1.0)[0].value == 1
        touchpoint.turn(trusted, "maxmemory", 16 * MEBIBYTE)
        assert knob_of(touchpoint, trusted).value == 16 * MEBIBYTE
        stranger = Plugin("sessions", "redis", {"url": url})
        with pytest.raises(Unobservable, match="certificate"):
            RedisTouchpoint((stranger,)).sense(stranger, 1.0)
