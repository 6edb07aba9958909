"""What the API, the doctor and the health checks say of the product itself."""

from collections.abc import Mapping

from .text import Text

ENGINE: Mapping[str, Text] = {
    # The three questions of the doctor
    "question_no_suggestions": Text("제안이 왜 생성되지 않습니까?", "Why are there no suggestions?"),
    "question_execution_failed": Text("실행이 왜 안 됩니까?", "Why was something not executed?"),
    "question_dashboard_empty": Text("대시보드에 왜 데이터가 보이지 않습니까?", "Why does the dashboard show nothing?"),
    # The engine
    "engine_starting": Text("엔진이 막 시작되어 아직 첫 분석을 마치지 않았습니다", "The engine has just started and has not finished its first turn"),
    "engine_never_ran": Text("분석 엔진이 실행된 적이 없습니다", "The analysis has never run"),
    "engine_stopped": Text("분석 엔진이 멈춰 있습니다. 마지막 분석은 {age_seconds} 전입니다", "The analysis has stopped; its last turn was {age_seconds} ago"),
    "engine_turns": Text("분석 엔진이 정상적으로 동작하고 있습니다", "The analysis is running"),
    "part_failed": Text("엔진의 부품 {part:이} 실패했습니다: {error}", "A part of the engine, {part}, failed: {error}"),
    # The audit and its anchors
    "read_only": Text("감사 기록이 앵커와 맞지 않아 엔진이 읽기 전용입니다. 관리자가 확인하기 전에는 아무것도 바꾸지 않습니다", "The audit does not fit its anchors: the engine is read-only, and nothing is changed until an administrator has looked at it"),
    "audit_behind": Text("읽기 전용: 감사 기록은 {number}번에서 끝나지만 {anchored_at_seconds}에 이미 {anchor_number}번까지 있었습니다. 이전 데이터베이스가 복원되었거나 끝이 잘렸습니다", "READ-ONLY: the audit ends with entry {number}, but at {anchored_at_seconds} there were {anchor_number}: an older database was restored, or the end was cut off"),
    "audit_forked": Text("읽기 전용: 감사 기록 {anchor_number}번이 {anchored_at_seconds}에 앵커로 남긴 것과 다릅니다. 이전 데이터베이스가 복원되었거나 기록이 바뀌었습니다", "READ-ONLY: entry {anchor_number} of the audit is not the one that was anchored at {anchored_at_seconds}: an older database was restored, or the record was rewritten"),
    "anchors_forged": Text("읽기 전용: 감사 기록의 앵커 파일이 서명과 맞지 않습니다({error})", "READ-ONLY: the anchors of the audit do not fit their signatures ({error})"),
    "anchors_missing": Text("읽기 전용: 감사 기록의 앵커 파일이 사라졌습니다({error})", "READ-ONLY: the anchors of the audit are gone ({error})"),
    "anchor_key_missing": Text("읽기 전용: 앵커의 서명 키를 읽을 수 없습니다({error})", "READ-ONLY: the key that signs the anchors cannot be read ({error})"),
    "audit_broken": Text("감사 기록이 제품 밖에서 바뀌었습니다({error})", "The audit was changed outside this product ({error})"),
    # Plugins
    "plugins_found": Text("플러그인 {plugins}개를 감시하고 있습니다", "Watching {plugins} plugins"),
    "no_plugins_found": Text("감시할 플러그인을 찾지 못했습니다", "No plugins were found to watch"),
    "plugin_never_seen": Text("{plugin_id:은} 한 번도 발견된 적이 없는 플러그인입니다", "{plugin_id} is a plugin that was never seen"),
    "plugin_inactive": Text("{plugin_id:이} 실행되고 있지 않습니다", "{plugin_id} is not running"),
    "never_measured": Text("{plugin_id}에서 아직 아무것도 측정하지 못했습니다", "Nothing was measured of {plugin_id} yet"),
    "data_stale": Text("{plugin_id}의 마지막 측정값이 {age_seconds} 전 것입니다. 오래된 데이터로는 제안하지 않습니다", "The last data of {plugin_id} is {age_seconds} old; nothing is suggested from stale data"),
    "has_suggestions": Text("{plugin_id}에는 열린 제안이 {suggestions}개 있습니다", "{plugin_id} has {suggestions} open suggestion(s)"),
    "being_changed": Text("{plugin_id}에서 변경이 진행 중이어서 판정이 끝날 때까지 새 제안을 내지 않습니다", "A change of {plugin_id} is under way; nothing new is suggested until it is judged"),
    "mode_observes_only": Text("{plugin_id}의 정책은 관찰 모드여서 제안하지 않습니다", "The policy of {plugin_id} is to observe only"),
    "nothing_to_suggest": Text("{plugin_id}에는 지금 개선할 것이 없습니다. 모든 지표가 목표 안에 있습니다", "There is nothing to improve in {plugin_id} now: every figure is within its objective"),
    # Executing
    "execution_accepted": Text("실행을 접수했습니다. 판정은 이력에서 확인할 수 있습니다", "Accepted; the verdict will be in the history"),
    "execution_already": Text("이미 실행된 제안입니다. 처음 실행의 결과를 돌려드립니다", "This suggestion was executed before; this is its first execution"),
    "already_claimed": Text("이미 실행 중인 제안입니다", "This suggestion is being executed"),
    "already_executed": Text("이미 실행된 제안입니다", "This suggestion has been executed"),
    "dismissed": Text("무시된 제안입니다. 실행하려면 먼저 무시를 취소하세요", "This suggestion was dismissed; take the dismissal back to execute it"),
    "superseded": Text("더 나은 제안으로 대체되었거나 원인이 사라진 제안입니다", "This suggestion was superseded, or its cause is gone"),
    "quarantined": Text("같은 변경이 되돌려진 적이 있어 당분간 실행할 수 없는 제안입니다", "The same change was undone before; it rests for a while"),
    "advice_only": Text("조언입니다. 자동으로 바꿀 수 있는 설정이 없습니다", "This is advice: there is no setting to turn"),
    "no_failed_execution": Text("실패한 실행이 없습니다", "No execution has failed"),
    "ended_without_reason": Text("실행 {execution_id:이} '{state}' 상태로 끝났습니다", "Execution {execution_id} ended as '{state}'"),
    # The dashboard
    "dashboard_not_built": Text("대시보드의 정적 파일이 없습니다", "The dashboard's files are missing"),
    "dashboard_built": Text("대시보드가 준비되어 있습니다", "The dashboard is in place"),
    "api_answers": Text("API 서버는 정상적으로 응답하고 있습니다", "The API answers"),
    "agent_unreachable": Text("대상을 읽고 변경하는 에이전트에 연결할 수 없습니다: {detail}", "The agent that reads and changes things on this host cannot be asked: {detail}"),
    "api_unreachable": Text("{url}의 API 서버에 연결할 수 없습니다: {detail}", "The API at {url} cannot be reached: {detail}"),
    "login_needed": Text("데이터를 보려면 로그인이 필요합니다", "A login is needed to see data"),
    "login_off": Text("로그인 없이 동작 중입니다. 이 컴퓨터에서만 접속할 수 있습니다", "Running without login: only this very machine can reach it"),
    # Marks on the time axis
    "mark_execution": Text("{knob}: {before} → {after}", "{knob}: {before} → {after}"),
    "mark_rollback": Text("되돌림 {knob}: {before} → {after}", "Undone {knob}: {before} → {after}"),
    "mark_setting": Text("외부 변경 {knob}: {before} → {after}", "Changed from outside {knob}: {before} → {after}"),
    "mark_restart": Text("재시작", "Restart"),
}  # fmt: skip

HELP: Mapping[str, Text] = {
    "engine_never_ran": Text("`plugin-optimizer serve`로 서버를 시작하거나, 설정의 engine.start를 확인하고 서버 로그를 보세요", "Start `plugin-optimizer serve`, or check engine.start in the configuration and the server's log"),
    "engine_stopped": Text("서버 프로세스가 살아 있는지 확인하고 로그를 보세요. 다시 시작하면 이어서 동작합니다", "See whether the server process is alive and read its log; a restart continues where it was"),
    "part_failed": Text("서버 로그에 전체 내용이 있습니다. 나머지 부품은 계속 동작합니다", "The server's log has all of it; the other parts go on"),
    "read_only": Text("서버에서 `plugin-optimizer audit verify`로 확인한 뒤 `plugin-optimizer audit accept 사유`로 받아들이세요", "On the host see `plugin-optimizer audit verify`, then take it by `plugin-optimizer audit accept REASON`"),
    "audit_behind": Text("복원이 의도한 것이면 서버에서 `plugin-optimizer audit accept 사유`를 실행하세요. 아니면 최신 백업을 복원하세요", "If the restore was meant, run `plugin-optimizer audit accept REASON` on the host; else restore a newer backup"),
    "audit_forked": Text("복원이 의도한 것이면 서버에서 `plugin-optimizer audit accept 사유`를 실행하세요. 아니면 누가 바꿨는지 조사하세요", "If the restore was meant, run `plugin-optimizer audit accept REASON` on the host; else find out who changed it"),
    "anchors_forged": Text("상태 디렉터리의 audit/anchors를 누가 바꿨는지 조사한 뒤 `plugin-optimizer audit accept 사유`를 실행하세요", "Find out who changed audit/anchors in the state directory, then run `plugin-optimizer audit accept REASON`"),
    "anchors_missing": Text("상태 디렉터리의 audit/anchors를 되찾거나 `plugin-optimizer audit accept 사유`를 실행하세요", "Bring audit/anchors of the state directory back, or run `plugin-optimizer audit accept REASON`"),
    "anchor_key_missing": Text("상태 디렉터리의 audit/key를 되찾거나 `plugin-optimizer audit accept 사유`를 실행하세요", "Bring audit/key of the state directory back, or run `plugin-optimizer audit accept REASON`"),
    "audit_broken": Text("데이터베이스를 따로 보관하고 누가 바꿨는지 조사한 뒤 백업을 복원하세요", "Keep a copy of the database, find out who changed it, and restore a backup"),
    "no_plugins_found": Text("gunicorn을 `--name 이름`으로 실행하거나 설정 파일의 [plugins.이름]에 적어 주세요", "Run your gunicorn with `--name NAME`, or name it in the configuration under [plugins.NAME]"),
    "plugin_never_seen": Text("`plugin-optimizer discover`로 발견되는 플러그인을 확인하세요", "`plugin-optimizer discover` shows what is found on this host"),
    "plugin_inactive": Text("서비스를 시작하세요. 더 이상 쓰지 않는다면 관리자가 목록에서 지울 수 있습니다", "Start the service; if it is retired, an admin can forget it"),
    "never_measured": Text("엔진이 그 프로세스를 읽을 권한이 있는지(같은 사용자인지) 확인하세요", "Check that the engine may read its processes (same user)"),
    "data_stale": Text("서비스와 엔진이 모두 실행 중인지 확인하세요", "Check that both the service and the engine are running"),
    "mode_observes_only": Text("`plugin-optimizer policy set {plugin_id} mode=approve`", "`plugin-optimizer policy set {plugin_id} mode=approve`"),
    "mode_forbids": Text("`plugin-optimizer policy set {plugin_id} mode=approve`로 실행을 허용할 수 있습니다", "`plugin-optimizer policy set {plugin_id} mode=approve` allows executing"),
    "in_flight": Text("그 실행의 판정이 끝난 뒤 다시 시도하세요", "Try again when that execution has its verdict"),
    "dashboard_not_built": Text("저장소에서 `make dashboard`를 실행하세요. API는 그대로 동작합니다", "Run `make dashboard` in the repository; the API works without it"),
    "login_needed": Text("로그인하거나 `Authorization: Bearer 토큰`을 보내세요. 계정은 `plugin-optimizer user add`, 토큰은 `plugin-optimizer token create`로 만듭니다", "Log in, or send `Authorization: Bearer TOKEN`; `plugin-optimizer user add` and `token create` make them"),
    "agent_unreachable": Text("이 호스트에서 `plugin-optimizer agent`를 실행하고, 서버와 같은 설정 파일과 키를 쓰는지 확인하세요", "Run `plugin-optimizer agent` on this host, with the server's configuration file and the same key"),
    "api_unreachable": Text("서버를 시작하거나 --url로 주소를 알려 주세요", "Start the server, or give its address by --url"),
    "emergency_stop": Text("비상 정지를 해제하면 다시 실행할 수 있습니다", "Lift the emergency stop to execute again"),
    "freeze_began": Text("변경 금지 기간이 끝난 뒤 새 제안을 실행하세요. 원인이 남아 있으면 제안이 다시 만들어집니다", "Execute the new suggestion after the freeze; while the cause remains there is one"),
    "window_ended": Text("다음 허용 시간대에 새 제안을 실행하세요. 원인이 남아 있으면 제안이 다시 만들어집니다", "Execute the new suggestion at the next such time; while the cause remains there is one"),
    "value_moved": Text("새 제안이 현재 값을 기준으로 다시 만들어집니다", "A new suggestion will start from the present value"),
    "plugin_unreadable": Text("엔진이 대상 프로세스를 읽을 권한이 있는지 확인하세요", "Check that the engine may read the target's processes"),
    "touchpoint_refused": Text("적힌 이유를 해결한 뒤 다시 실행하세요", "Remove the reason it names, then execute again"),
}  # fmt: skip
