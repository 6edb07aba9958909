"""What is said of executions: why they did not begin, what happened, how they ended."""

from collections.abc import Mapping

from .text import Text

EXECUTION: Mapping[str, Text] = {
    # Before the effect
    "plugin_unreadable": Text("플러그인의 현재 상태를 읽을 수 없어 변경하지 않았습니다: {detail}", "Nothing was changed: the plugin cannot be read ({detail})"),
    "knob_missing": Text("설정 {knob:이} 더 이상 없어 변경하지 않았습니다", "Nothing was changed: the setting {knob} is no longer there"),
    "value_moved": Text("승인한 뒤 [[{knob} ]]값이 {expected}에서 {value:으로} 바뀌어 변경하지 않았습니다", "Nothing was changed: the value[[ of {knob}]] moved from {expected} to {value} since the approval"),
    "out_of_bounds": Text("허용 범위를 벗어나 변경하지 않았습니다[[: {detail}]][[: {knob} 값 {after}]][[, 하한 {minimum}]][[, 상한 {maximum}]][[, 가능한 값 {choices}]][[. 정책은 {policy_minimum}에서 {policy_maximum}까지 허용합니다]]", "Nothing was changed: out of bounds[[: {detail}]][[: {knob} at {after}]][[, at least {minimum}]][[, at most {maximum}]][[, one of {choices}]][[; the policy allows {policy_minimum} to {policy_maximum}]]"),
    "mode_forbids": Text("정책이 '{mode}' 모드여서 실행할 수 없습니다", "The policy mode '{mode}' does not allow executing"),
    "dry_run": Text("모의 실행입니다. {knob:을} {before}에서 {after:으로} 바꿀 수 있는 것을 확인했고, 실제로 바꾸지는 않았습니다", "Dry run: {knob} could go from {before} to {after}; nothing was changed"),
    "emergency_stop": Text("비상 정지가 걸려 있어 중단했습니다", "Stopped: the emergency stop is set"),
    "waited_too_long": Text("승인한 뒤 너무 오래 기다려 시작하지 않았습니다. 아무것도 바꾸지 않았습니다", "Nothing was changed: after the approval it waited too long to be begun"),
    # The rails
    "rail_zero": Text("{knob:을} {after:으로} 바꾸면 아무 요청도 처리할 수 없으므로 허용하지 않습니다", "{knob} may never become {after}: nothing would be served"),
    "rail_needed": Text("관찰된 요청에 {needed} 이상이 필요하므로 {knob:을} {after:으로} 낮추지 않습니다", "{knob} is not lowered to {after}: the requests that were seen need at least {needed}"),
    "rail_cores": Text("코어 수로 정한 상한 {maximum:을} 넘어 {after:으로} 바꿀 수 없습니다. 필요하면 정책의 max_workers를 직접 정하세요", "{after} is beyond {maximum}, the limit by the number of cores; set the policy's max_workers where more is meant"),
    "rail_dead_band": Text("[[{knob:을} ]]{before}에서 {after:으로} 바꾸는 것은 차이가 10 %보다 작아 변경할 가치가 없습니다", "Changing[[ {knob}]] from {before} to {after} is less than 10 %: not worth it"),
    "rail_step": Text("자동 변경은 5분 동안 50 % 넘게 늘리거나 20 % 넘게 줄일 수 없습니다([[{knob} ]]{before} → {after}). 사람이 승인하면 한 번에 바꿀 수 있습니다", "Automatic changes go up by at most 50 % and down by at most 20 % in five minutes ([[{knob} ]]{before} → {after}); a person may approve the whole way"),
    "rail_freeze": Text("변경 금지 기간입니다: {freeze}", "Changes are frozen: {freeze}"),
    "rail_window": Text("변경이 허용된 시간대가 아닙니다: {windows}", "Changes are made only within: {windows}"),
    "freeze_began": Text("승인한 뒤 기다리는 동안 변경 금지 기간이 시작되었습니다: {freeze}", "A freeze began while it waited: {freeze}"),
    "window_ended": Text("승인한 뒤 기다리는 동안 변경이 허용된 시간대가 끝났습니다: {windows}", "The time for changes ended while it waited: {windows}"),
    "rail_maintenance": Text("점검 시간에는 자동으로 바꾸지 않습니다: {maintenance}", "Nothing is changed automatically in maintenance: {maintenance}"),
    "rail_holiday": Text("휴일에는 자동으로 바꾸지 않습니다: {day}", "Nothing is changed automatically on a holiday: {day}"),
    "maintenance_began": Text("승인한 뒤 기다리는 동안 점검 시간이 시작되었습니다: {maintenance}", "Maintenance began while it waited: {maintenance}"),
    "holiday_began": Text("승인한 뒤 기다리는 동안 휴일이 시작되었습니다: {day}", "A holiday began while it waited: {day}"),
    "rail_neighbour": Text("같은 그룹의 {neighbour:이} 변경 중입니다({execution_id}). 끝난 뒤에 다시 시도하세요", "{neighbour} of the same group is being changed ({execution_id}); try again when that is over"),
    "rail_cooldown": Text("최근에 변경이 있어 {rest_seconds} 더 기다려야 합니다", "Resting after the last change for another {rest_seconds}"),
    "rail_unwell": Text("플러그인 {plugins}개 중 {unwell}개가 비활성이거나 상태를 알 수 없어 자동 실행을 멈췄습니다", "Automatic mode is halted: {unwell} of {plugins} plugins are inactive or unknown"),
    "rail_rollbacks": Text("한 시간 안에 변경 {rollbacks}건이 되돌려져 자동 실행을 멈췄습니다", "Automatic mode is halted: {rollbacks} changes were undone within an hour"),
    "rail_direction": Text("같은 설정의 방향을 30분 안에 두 번 바꾸지 않습니다. {rest_seconds} 뒤에 다시 가능합니다", "The same setting does not change its direction twice in 30 minutes; possible again in {rest_seconds}"),
    "rail_fleet_budget": Text("자동 실행은 한 시간에 모두 {limit}건까지입니다", "At most {limit} automatic executions an hour in all"),
    "rail_plugin_budget": Text("자동 실행은 플러그인마다 한 시간에 {limit}건까지입니다", "At most {limit} automatic executions of a plugin an hour"),
    "rail_group_budget": Text("그룹 {group}에서는 한 시간에 플러그인 {limit}개까지만 자동으로 변경합니다", "At most {limit} plugin(s) of the group {group} are changed automatically an hour"),
    # The effect
    "foreign_value": Text("다른 주체가 [[{knob} ]]값을 {value:으로} 바꾸어 그대로 두었습니다", "Somebody else set the value[[ of {knob}]] to {value}; it was left alone"),
    "value_lost": Text("판정하기 전에 변경한 값이 사라져(재시작 등) 되돌린 것으로 끝냈습니다", "The changed value was lost before the verdict (a restart, perhaps); it ends as undone"),
    "step_not_seen": Text("변경을 요청했지만 반영된 것이 보이지 않습니다(현재 값 {value})", "The change was ordered but does not show (value now {value})"),
    "touchpoint_refused": Text("대상이 변경을 거부했습니다: {detail}", "The target refused the change: {detail}"),
    "fence_refused": Text("더 새로운 지시가 이미 실행되어 이 지시는 거부되었습니다: {detail}", "Refused because something newer was already obeyed: {detail}"),
    "trying_again": Text("반영되지 않아 다시 시도합니다", "It did not show; trying again"),
    "nothing_happened": Text("변경이 반영되지 않아 원래 값 그대로 끝냈습니다", "The change never took effect; the value is what it was"),
    "only_part_happened": Text("일부만 반영되어({value}) 원래 값으로 되돌립니다", "Only a part took effect ({value}); going back"),
    "plugin_gone": Text("대상 플러그인이 사라졌습니다", "The plugin is gone"),
    "unobservable": Text("대상을 읽을 수 없어 상태를 확인하고 있습니다", "The target cannot be read; finding out what is true"),
    "late_order": Text("이전 지시가 아직 실행될 수 있는데 막을 수 없어 더 진행하지 않습니다: {detail}", "An earlier order may still take effect and cannot be kept out, so nothing more is done: {detail}"),
    "rollback_failed": Text("되돌리지 못했습니다. 운영자가 확인해야 합니다", "Going back did not work; an operator has to look"),
    # The end
    "expired": Text("기한이 지난 제안입니다", "This suggestion has expired"),
    "condition_gone": Text("제안의 원인이 사라졌습니다", "The cause of this suggestion is gone"),
    "deadman": Text("기한 안에 판정하지 못해 되돌렸습니다", "Undone: nobody could judge it in time"),
    "guard_tripped": Text("지켜야 할 지표가 나빠져 되돌렸습니다", "Undone: a guarded figure got worse"),
    "did_not_help": Text("도움이 되지 않아 되돌렸습니다", "Undone: it did not help"),
    "kept": Text("효과가 확인되어 유지합니다", "Kept: its effect is proven"),
    "kept_ask_person": Text("유지했습니다. 효과가 분명하지 않으니 확인해 주세요", "Kept; its effect is not clear, please have a look"),
    "rolled_back": Text("되돌렸습니다", "Undone"),
    "rollback_asked": Text("{actor} 님의 요청으로 되돌립니다", "Undone because {actor} asked"),
    "cancelled_by_person": Text("{actor} 님이 취소했습니다", "Cancelled by {actor}"),
}  # fmt: skip
