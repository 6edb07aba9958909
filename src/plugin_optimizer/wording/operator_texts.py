"""What a person can do about an execution that the engine gave up, and what they did."""

from collections.abc import Mapping

from .text import Text

OPERATOR: Mapping[str, Text] = {
    "closed_by_person": Text("{actor} 님이 확인하고 그대로 두었습니다[[. 당시 {knob} 값: {value}]][[. 메모: {note}]]", "{actor} has looked and left it as it is[[; {knob} was {value}]][[. Note: {note}]]"),
    "not_closable": Text("운영자 확인이 필요한 실행만 닫을 수 있습니다. 이 실행은 '{state}' 상태입니다", "Only an execution that needs an operator can be closed; the state of this one is ‘{state}’"),
    # Advice, by the cause
    "operator_foreign_value": Text("[[지금 {knob} 값은 {value}입니다. ]]그 값이 맞으면 닫으세요. 아니라면 원하는 값을 직접 설정한 뒤 닫으세요. 엔진은 다른 사람이 정한 값을 덮어쓰지 않습니다", "[[{knob} is {value} now. ]]If that value is meant, close this. If not, set the right one by hand, then close it: the engine does not overwrite what somebody else has set"),
    "operator_plugin_gone": Text("[[지금 {knob} 값은 {value}입니다. ]]플러그인이 실행 중인지 확인하고, 아니면 다시 시작한 뒤 {knob} 값을 확인하세요. 그 값이 괜찮으면 닫고, 아니면 변경 전 값({before})으로 되돌리세요", "[[{knob} is {value} now. ]]See that the plugin runs, start it if not, and look at {knob}. Close this where the value is right, roll back where {before} shall come back"),
    "operator_unobservable": Text("[[지금 {knob} 값은 {value}입니다. ]]플러그인을 읽을 수 없었던 이유를 찾으세요(plugin-optimizer doctor). {knob} 값이 괜찮으면 닫고, 아니면 변경 전 값({before})으로 되돌리세요", "[[{knob} is {value} now. ]]Find out why the plugin could not be read (plugin-optimizer doctor). Close this where {knob} is right, roll back where {before} shall come back"),
    "operator_under_way": Text("대상이 끝나지도 시작하지도 않는 이유를 로그에서 찾으세요. 변경 전 값은 {before}, 변경 후 값은 {after}입니다. 끝난 뒤 {knob} 값이 괜찮으면 닫고, 아니면 되돌리세요", "Find out in its log why it neither ends nor comes up. {knob} was {before} and is to be {after}: close this once it stands where it should, or roll back"),
    "operator_late_order": Text("[[지금 {knob} 값은 {value}입니다. ]]이전 지시가 그 값을 아직 바꿀 수 있습니다. 어느 프로세스인지는 `plugin-optimizer doctor`가 알려 줍니다. 그 프로세스를 계속 실행하거나 끝낸 뒤 {knob} 값을 다시 확인하세요. 괜찮으면 닫고, 아니면 변경 전 값({before})으로 되돌리세요", "[[{knob} is {value} now. ]]An earlier order may still change that: `plugin-optimizer doctor` names the process. Let it go on or end it, then look at {knob} again. Close this where the value is right, roll back where {before} shall come back"),
    "operator_cannot_be_undone": Text("다시 시작했지만 나아지지 않았습니다. 로그에서 원인을 찾아 고친 뒤 닫으세요", "It was restarted, and is not well: find the cause in its log, then close this"),
    "operator_rollback_failed": Text("[[지금 {knob} 값은 {value}입니다. ]]{knob} 값을 직접 변경 전 값({before})으로 설정한 뒤 닫거나, 되돌리기를 다시 요청하세요", "[[{knob} is {value} now. ]]Set {knob} to {before} by hand and close this, or roll back to let the engine try again"),
    "operator_looks": Text("[[지금 {knob} 값은 {value}입니다. ]]{knob} 값을 확인하세요. 괜찮으면 닫고, 아니면 변경 전 값({before})으로 되돌리세요", "[[{knob} is {value} now. ]]Look at {knob}. Close this where the value is right, roll back where {before} shall come back"),
}  # fmt: skip
