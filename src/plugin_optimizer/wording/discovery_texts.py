"""What was found on a host, and what one line would make possible."""

from collections.abc import Mapping

from .text import Text

DISCOVERY: Mapping[str, Text] = {
    "discover_column_plugin": Text("플러그인", "plugin"),
    "discover_column_kind": Text("종류", "touchpoint"),
    "discover_column_address": Text("주소", "address"),
    "discover_column_turns": Text("바꿀 수 있는 것", "turns"),
    "discover_nothing": Text("지켜볼 수 있는 서비스를 찾지 못했습니다. gunicorn을 --name NAME으로 실행하거나 Redis, memcached를 실행해 보세요", "nothing was found that can be watched; run a gunicorn with --name NAME, a Redis or a memcached"),
    "discover_senses": Text("측정: {metrics}", "senses {metrics}"),
    "discover_cannot_turn": Text("{knob:은} 바꿀 수 없습니다: {detail}", "{knob} cannot be turned: {detail}"),
    "discover_added": Text("{file}에 추가했습니다: {plugins}", "added to {file}: {plugins}"),
    "discover_added_nothing": Text("{file}에 이미 모두 들어 있습니다", "{file} names everything that answers already"),
    "unlock_instrument": Text("코드 한 줄 `app = instrument(app, plugin=\"{plugin_id}\")`(from plugin_optimizer.probe import instrument)을 넣으면 요청별 응답 시간, 대기 시간, 에러를 기록하고 알맞은 워커 수를 계산합니다", "one line in its code, `app = instrument(app, plugin=\"{plugin_id}\")` (from plugin_optimizer.probe import instrument), records response time, queue wait and errors of each request, and lets worker counts be computed"),
    "unlock_config_file": Text("설정 파일(gunicorn --config FILE)로 시작하면 바꾼 값이 재시작 뒤에도 남고, threads와 timeout도 바꿀 수 있습니다", "started with a config file (gunicorn --config FILE), what is kept survives restarts, and threads and timeouts can be turned"),
    "unlock_redis_file": Text("설정 파일로 시작하면(redis-server /etc/redis/redis.conf) 바꾼 값이 재시작 뒤에도 남습니다. 그러지 않으면 재시작할 때마다 엔진이 다시 설정합니다", "started with a configuration file (redis-server /etc/redis/redis.conf), what is kept survives restarts; without one the engine sets it again after each restart"),
    "unlock_uwsgi_workers": Text("ini 파일에 `cheaper = 1`, `cheaper-algo = manual`, `master-fifo = FILE` 세 줄을 넣으면 멈추지 않고 워커 수를 바꿀 수 있고, 시작할 때의 수는 `cheaper-initial`에 남습니다", "with three lines in its ini file, `cheaper = 1`, `cheaper-algo = manual` and `master-fifo = FILE`, its workers are turned while it runs, and `cheaper-initial` keeps their number"),
    "unlock_uwsgi_title": Text("`auto-procname` 없이 시작하면 어떻게 시작되었는지 알 수 있어 더 많이 측정하고 바꿀 수 있습니다", "started without `auto-procname`, which hides how it was started, more of it can be measured and turned"),
    "unlock_uwsgi_stats": Text("ini 파일에 `stats = 127.0.0.1:9191` 한 줄을 넣으면 요청 수, 처리 시간, 사용 중인 비율을 측정합니다", "with one line in its ini file, `stats = 127.0.0.1:9191`, its requests, their time and its busy share are measured"),
    "unlock_supervisord_interface": Text("supervisord 설정에 파일이 있는 unix_http_server 구역과 rpcinterface:supervisor 구역을 넣으면 그룹들을 지켜볼 수 있습니다", "with the sections unix_http_server (and a file) and rpcinterface:supervisor in its configuration, its groups are watched"),
    "unlock_supervisord_include": Text("프로세스를 더 늘릴 수 없습니다: {detail}", "more processes cannot be added: {detail}"),
    "unlock_celery_tasks": Text("워커를 -I plugin_optimizer.probe.celery_tasks 옵션으로 시작하면 실패와 재시도도 셉니다", "started with -I plugin_optimizer.probe.celery_tasks, the worker's failures and retries are counted, too"),
    "unlock_docker": Text("에이전트 사용자를 docker 그룹에 넣으면(또는 DOCKER_HOST=unix://…) 컨테이너의 한도를 지켜보고 바꿀 수 있습니다", "with the agent's user in the group docker (or DOCKER_HOST=unix://…) the limits of containers can be watched and turned"),
    "unlock_address": Text("설정 파일의 plugins.{plugin_id} 표에 url과 password = \"$변수\"(또는 password_file)를 적으면 지켜볼 수 있습니다", "name it in the configuration, a table plugins.{plugin_id} with its url and password = \"$VARIABLE\" (or password_file), and it is watched"),
    "seen_only": Text("{kind}: {command}(보이기만 하고 아직 바꿀 수 없음)", "{kind}: {command} (seen, and not turned yet)"),
}  # fmt: skip
