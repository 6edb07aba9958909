#!/usr/bin/env bash
# OctoPrint with the optimizer inside. Installs both below build/octoprint (about 200 MB), then serves them until Ctrl-C:
#     examples/octoprint/run.sh        then http://127.0.0.1:5050/ (admin, PASSWORD) and /plugin-optimization/
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
root="$(cd "$here/../.." && pwd)"
place="${PLACE:-$root/build/octoprint}"
port="${PORT:-5050}"
password="${PASSWORD:-try-it-out}"

[ -e "$root/src/plugin_optimizer/web/static/.built" ] || make -C "$root" dashboard
if [ ! -x "$place/venv/bin/octoprint" ]; then
  "${PYTHON:-python3}" -m venv "$place/venv"
  "$place/venv/bin/pip" install --disable-pip-version-check --quiet "octoprint==1.11.8" "$root"
fi
mkdir -p "$place/base/plugins"
cp "$here/plugin_optimizer_mount.py" "$place/base/plugins/"
octoprint=("$place/venv/bin/octoprint" --basedir "$place/base")
"${octoprint[@]}" user list 2>/dev/null | grep -q "admin" || "${octoprint[@]}" user add admin --password "$password" --admin
export PLUGIN_OPTIMIZER_HOME="$place/home" PLUGIN_OPTIMIZER_CONFIG="$place/optimizer.toml"
cat >"$PLUGIN_OPTIMIZER_CONFIG" <<TOML
[engine]
home = "$place/home"
state_dir = "$place/state"
TOML
exec "${octoprint[@]}" serve --iknowwhatimdoing --host 127.0.0.1 --port "$port"
