"""What messages to people outside say: one sentence for each kind of notice, one title for each kind of message."""

from collections.abc import Mapping

from .text import Text

NOTIFICATIONS: Mapping[str, Text] = {
    # Notices
    "told_suggestion_opened": Text("{plugin_id}: 새 제안: {title}", "{plugin_id}: a new suggestion: {title}"),
    "told_execution_started": Text("{plugin_id}: 정책에 따라 자동으로 실행을 시작했습니다: {title}", "{plugin_id}: the policy has begun to execute: {title}"),
    "told_change_kept": Text("{plugin_id}: 변경을 유지합니다: {title}[[. {reason}]]", "{plugin_id}: the change is kept: {title}[[. {reason}]]"),
    "told_change_undone": Text("{plugin_id}: 변경을 되돌렸습니다: {title}[[. {reason}]]", "{plugin_id}: the change was undone: {title}[[. {reason}]]"),
    "told_change_failed": Text("{plugin_id}: 변경하지 못했습니다: {title}[[. {reason}]]", "{plugin_id}: the change could not be made: {title}[[. {reason}]]"),
    "told_needs_person": Text("{plugin_id}: 엔진이 포기한 변경이 사람의 확인을 기다립니다: {title}[[. {reason}]]", "{plugin_id}: the engine gave up a change and waits for a person: {title}[[. {reason}]]"),
    "told_emergency_stop": Text("비상 정지가 설정되었습니다[[ ({actor})]][[: {reason}]]", "The emergency stop is set[[ by {actor}]][[: {reason}]]"),
    "told_plugin_stale": Text("{plugin_id}: 측정값이 오지 않습니다", "{plugin_id}: no data comes in"),
    "told_plugin_dead": Text("{plugin_id}: 실행되고 있지 않습니다", "{plugin_id}: it is not running"),
    "told_engine_stopped": Text("분석 엔진이 돌고 있지 않습니다. 마지막 분석: {last_at_seconds}", "The analysis does not turn; its last turn was at {last_at_seconds}"),
    "told_part_failed": Text("엔진의 부품 {part:이} 계속 실패합니다: {error}", "A part of the engine, {part}, keeps failing: {error}"),
    "told_channel_failing": Text("알림 채널 {channel}에 전달하지 못해 포기한 메시지가 있습니다: {answer}", "Messages to the channel {channel} were given up: {answer}"),
    # The same, over
    "over_needs_person": Text("{plugin_id}: 확인을 기다리던 변경이 처리되었습니다: {title}", "{plugin_id}: the change that waited for a person is dealt with: {title}"),
    "over_emergency_stop": Text("비상 정지가 해제되었습니다", "The emergency stop is lifted: the engine is armed again"),
    "over_plugin_stale": Text("{plugin_id}: 측정값이 다시 들어옵니다", "{plugin_id}: data comes in again"),
    "over_plugin_dead": Text("{plugin_id}: 다시 실행되고 있습니다", "{plugin_id}: it is running again"),
    "over_engine_trouble": Text("다시 정상입니다: {trouble}", "well again: {trouble}"),
    # Titles
    "letter_suggestion_opened": Text("새 제안 {count}건", "{count} new suggestions"),
    "letter_execution_started": Text("자동 실행 {count}건 시작", "{count} executions begun by policy"),
    "letter_change_kept": Text("변경 {count}건 유지", "{count} changes kept"),
    "letter_change_undone": Text("변경 {count}건 되돌림", "{count} changes undone"),
    "letter_change_failed": Text("변경 {count}건 실패", "{count} changes failed"),
    "letter_needs_person": Text("사람의 확인이 필요한 변경 {count}건", "{count} changes need a person"),
    "letter_emergency_stop": Text("비상 정지", "Emergency stop"),
    "letter_plugin_stale": Text("플러그인 {count}개의 측정값이 오지 않음", "No data from {count} plugins"),
    "letter_plugin_dead": Text("플러그인 {count}개가 실행되지 않음", "{count} plugins are not running"),
    "letter_engine_trouble": Text("엔진 문제 {count}건", "{count} troubles of the engine"),
    "letter_over": Text("해결됨 {count}건", "{count} over"),
    "letter_digest": Text("플러그인 최적화 요약: {count}건", "Plugin optimizer, summary: {count} notices"),
    "letter_reminder": Text("다시 알림: {said}", "Reminder: {said}"),
    "letter_recovery": Text("해결됨: {said}", "Over: {said}"),
    "letter_more": Text("그 외 {more}건은 대시보드에서 볼 수 있습니다", "and {more} more, on the dashboard"),
    "letter_link": Text("대시보드 열기", "Open the dashboard"),
    "letter_test": Text("{actor} 님이 보낸 시험 메시지입니다. 채널 {channel:이} 동작합니다", "A test message, sent by {actor}: the channel {channel} works"),
    # The health page
    "channel_failing": Text("알림 채널 {channel}: 최근 하루 동안 메시지 {given_up}건을 전달하지 못하고 포기했습니다[[ ({answer})]]", "Notifications by {channel}: {given_up} message(s) were given up in the last day[[ ({answer})]]"),
    "channel_late": Text("알림 채널 {channel}: {waiting_seconds} 동안 전달되지 않은 메시지가 있습니다[[ ({answer})]]", "Notifications by {channel}: a message has been waiting for {waiting_seconds}[[ ({answer})]]"),
    "channel_unknown": Text("정책이 없는 알림 채널 {channel}에 알리도록 되어 있습니다", "A policy names the channel {channel}, which does not exist"),
    "channels_misconfigured": Text("알림 설정이 잘못되었습니다: {error}", "The notifications are not configured right: {error}"),
    "channel_secret_missing": Text("알림 채널 {channel}: {reference:을} 읽을 수 없습니다", "Notifications by {channel}: {reference} cannot be read"),
}  # fmt: skip

NOTIFICATION_HELP: Mapping[str, Text] = {
    "channel_failing": Text("`plugin-optimizer notify test {channel}`로 확인하고 `plugin-optimizer notify retry`로 다시 보내세요", "See `plugin-optimizer notify test {channel}`, then send again by `plugin-optimizer notify retry`"),
    "channel_late": Text("`plugin-optimizer notify test {channel}`로 상대방의 응답을 확인하세요", "`plugin-optimizer notify test {channel}` shows what the other side answers"),
    "channel_unknown": Text("정책의 notify를 고치거나 설정에 [notify.channels.{channel}]를 추가하세요", "Correct `notify` of the policy, or add [notify.channels.{channel}] to the configuration"),
    "channel_secret_missing": Text("그 환경 변수나 파일을 엔진이 읽을 수 있게 하세요", "Give the engine that environment variable or file"),
    "channels_misconfigured": Text("설정 파일의 [notify]를 고치고 다시 시작하세요", "Correct [notify] of the configuration and start again"),
}  # fmt: skip
