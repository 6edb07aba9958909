#!/usr/bin/env bash
# FlaskBB with the optimizer inside. Installs both below build/flaskbb (about 250 MB), then serves them until Ctrl-C:
#     examples/flaskbb/run.sh        then http://127.0.0.1:5052/ (admin or member, PASSWORD) and /plugin-optimization/
# FlaskBB 2.2 needs Python 3.12 or later: PYTHON=/path/to/python3.12 where `python3.12` is not found.
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
root="$(cd "$here/../.." && pwd)"
place="${PLACE:-$root/build/flaskbb}"
export PORT="${PORT:-5052}"
password="${PASSWORD:-try-it-out}"

[ -e "$root/src/plugin_optimizer/web/static/.built" ] || make -C "$root" dashboard
if [ ! -e "$place/installed" ]; then
  "${PYTHON:-python3.12}" -m venv "$place/venv"
  "$place/venv/bin/pip" install --disable-pip-version-check --quiet "flaskbb==2.2.0" gunicorn "$root"
  # FlaskBB 2.2.0 names types in annotations that it imports for type checkers only: let no annotation be evaluated.
  site="$("$place/venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')"
  grep -rl TYPE_CHECKING "$site/flaskbb" --include=*.py | xargs grep -L "from __future__ import annotations" |
    xargs -r sed -i '1i from __future__ import annotations'
  mkdir -p "$site/logs" "$site/instance"
  touch "$place/installed"
fi
cp "$here/flaskbb_mount.py" "$place/"
export PLACE="$place" PATH="$place/venv/bin:$PATH" FLASKBB_SETTINGS="$place/flaskbb.cfg"
cat >"$FLASKBB_SETTINGS" <<CFG
SERVER_NAME = "127.0.0.1:$PORT"
PREFERRED_URL_SCHEME = "http"
SQLALCHEMY_DATABASE_URI = "sqlite:///$place/forum.db"
SECRET_KEY = "only-for-trying-it-out"
WTF_CSRF_SECRET_KEY = "only-for-trying-it-out-too"
WTF_CSRF_ENABLED = True
REDIS_ENABLED = False
CACHE_TYPE = "NullCache"
RATELIMIT_ENABLED = False
CELERY_CONFIG = {"task_always_eager": True}
MAIL_SUPPRESS_SEND = True
WHOOSHEE_DIR = "$place/search"
CFG
export PLUGIN_OPTIMIZER_HOME="$place/home" PLUGIN_OPTIMIZER_CONFIG="$place/optimizer.toml"
cat >"$PLUGIN_OPTIMIZER_CONFIG" <<TOML
[server]
host_user_role = "admin"   # whom the mount lets in is an administrator of the forum

[engine]
home = "$place/home"
state_dir = "$place/state"
discover = true
TOML
if [ ! -e "$place/forum.db" ]; then
  flaskbb --config "$FLASKBB_SETTINGS" install -u admin -e admin@example.com -p "$password" --force >"$place/install.log" 2>&1
  flaskbb --config "$FLASKBB_SETTINGS" users new -u member -e member@example.com -p "$password" -g member
fi
cd "$place"
exec gunicorn flaskbb_mount:app --bind "127.0.0.1:$PORT" --name flaskbb --worker-class gthread --workers 1 --threads 4 \
  --no-control-socket
