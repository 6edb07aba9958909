"""What a dry run looks at, and what a real execution would do."""

from collections.abc import Mapping

from .text import Text

REHEARSAL: Mapping[str, Text] = {
    # What is looked at
    "check_suggestion": Text("제안이 열려 있고 기한이 남아 있습니다", "The suggestion is open and not too old"),
    "check_change": Text("바꿀 수 있는 설정이 있습니다", "There is a setting to turn"),
    "check_revision": Text("읽은 내용이 지금 제안과 같습니다", "What was read is the present suggestion"),
    "check_audit": Text("감사 기록이 앵커와 맞습니다", "The audit fits its anchors"),
    "check_stop": Text("비상 정지가 걸려 있지 않습니다", "The emergency stop is not set"),
    "check_mode": Text("정책이 실행을 허용합니다", "The policy allows executing"),
    "check_alone": Text("이 플러그인에서 진행 중인 다른 변경이 없습니다", "No other change of the plugin is under way"),
    "check_readable": Text("플러그인을 찾아 설정을 읽었습니다", "The plugin was found, and its settings were read"),
    "check_value": Text("설정이 있고, 값이 제안의 출발 값 그대로이며, 새 값을 받을 수 있습니다", "The setting is there, stands where the change begins, and takes the new value"),
    "check_bounds": Text("새 값이 정책과 코어 수의 한도 안입니다", "The new value is within the bounds of policy and cores"),
    "check_worth_it": Text("변경할 만큼 차이가 큽니다", "The change is large enough to be worth it"),
    "check_calendar": Text("지금은 변경이 허용된 시간입니다", "Changes are allowed at this time"),
    "check_one_at_a_time": Text("관련된 플러그인이 변경 중이 아닙니다", "No related plugin is being changed"),
    "check_not_again": Text("하루 재시작 한도 안입니다", "It was not restarted too often today"),
    "check_cooldown": Text("마지막 변경 뒤 충분히 쉬었습니다", "It has rested after its last change"),
    "check_fence": Text("다른 프로세스가 이 플러그인을 잡고 있지 않으며, 이 지시가 가장 새롭습니다", "No other process holds the plugin, and this order would be the newest"),
    # The other rails: they hold back automatic mode alone
    "check_seen_lately": Text("엔진이 최근에 플러그인을 보았습니다", "The engine has looked at the plugin lately"),
    "check_halted": Text("자동 실행이 멈춰 있지 않습니다", "Automatic mode is not halted"),
    "check_not_undone_lately": Text("같은 변경이 최근에 되돌려지지 않았습니다", "The same change was not undone lately"),
    "check_not_too_far": Text("한 번에 너무 멀리 가지 않습니다", "It does not go too far at once"),
    "check_steady": Text("방향이 자주 바뀌지 않습니다", "Its direction does not change too often"),
    "check_budgets": Text("실행 횟수의 한도 안입니다", "It is within the budgets"),
    # The answer
    "rehearsal_passes": Text("지금 실행하면 실행됩니다. 아무것도 바꾸지 않았습니다", "Executed now, it would be done. Nothing was changed"),
    "rehearsal_refused": Text("지금 실행하면 실행되지 않습니다(걸리는 것 {refused}가지). 아무것도 바꾸지 않았습니다", "Executed now, it would not be done ({refused} in the way). Nothing was changed"),
    # What stands in the way
    "rehearsal_revision": Text("그사이 제안이 바뀌었습니다. 지금 개정은 {revision}입니다", "The suggestion has changed since; its revision is {revision} now"),
    "rehearsal_mode": Text("정책이 모의 실행 모드입니다. 실행해도 바꾸기 직전에 멈춥니다", "The policy's mode is dry run: an execution stops right before the effect"),
    "rehearsal_held": Text("다른 프로세스가 이 플러그인을 변경하는 중이거나, 변경하다 멈춰 있습니다: {detail}", "Another process is in the middle of changing the plugin, or was stopped in it ({detail})"),
    "rehearsal_fence_damaged": Text("마지막으로 실행한 지시의 기록을 읽을 수 없습니다: {detail}", "The record of what was obeyed last cannot be read ({detail})"),
    "rehearsal_clock_behind": Text("이미 더 새로운 지시를 실행했습니다. 서버 시계가 뒤로 갔는지 확인하세요({detail})", "Something newer was obeyed already; see whether the clock was set back ({detail})"),
    # What would be done
    "rehearsal_turn": Text("{plugin_id}의 {knob:을} {before}에서 {after:으로} 한 단계씩, 매번 결과를 확인하며 바꿉니다", "Turn {knob} of {plugin_id} from {before} to {after}, one observed step at a time"),
    "rehearsal_live": Text("재시작하지 않습니다", "Nothing restarts"),
    "rehearsal_restart": Text("적용하면서 서비스가 다시 시작됩니다", "The service restarts on the way"),
    "rehearsal_settle": Text("안정되기를 길어야 {settle_seconds} 기다립니다", "Wait for at most {settle_seconds} until it has settled"),
    "rehearsal_judge": Text("{metric:으로} 판정합니다", "Judge it by {metric}"),
    "rehearsal_verify": Text("판정은 길어야 {verify_seconds} 걸립니다", "The verdict takes at most {verify_seconds}"),
    "rehearsal_switchback": Text("그래도 분명하지 않으면 두 값을 번갈아 길어야 {switchback_seconds} 비교합니다", "Where that cannot tell, both values take turns for at most {switchback_seconds}"),
    "rehearsal_no_way_back": Text("재시작은 되돌릴 수 없습니다. 나아지지 않으면 사람을 부릅니다", "A restart cannot be taken back: a person is called where it does not help"),
    "rehearsal_undo": Text("효과가 없거나 나빠지면 {knob:을} {before:으로} 되돌립니다. 확인되면 유지합니다", "Set {knob} back to {before} where it does not help; keep it where it is proven"),
    "rehearsal_deadman": Text("승인하고 {deadman_seconds} 안에 아무도 판정하지 못하면 되돌립니다", "Go back where nobody has judged it within {deadman_seconds} of its begin"),
    "rehearsal_not_known": Text("대상이 변경하는 순간에만 거부할 수 있는 것은 미리 알 수 없습니다. 거부하면 아무것도 바꾸지 않고 끝납니다", "What only the target itself can refuse, at the moment of the deed, is not known beforehand; where it does, nothing is changed"),
}  # fmt: skip
