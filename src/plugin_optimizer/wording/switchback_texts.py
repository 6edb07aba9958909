"""What is said of comparisons by switching back and forth: why there is none, how it goes, what it showed."""

from collections.abc import Mapping

from .text import Text

SWITCHBACK: Mapping[str, Text] = {
    # Why there is none
    "switchback_irreversible": Text("{knob:은} 손실 없이 되돌릴 수 없어 번갈아 비교하지 않습니다", "{knob} cannot be turned back without a loss, so its values do not take turns"),
    "switchback_disrupts": Text("{knob:을} 바꾸면 재시작되거나 다시 불러오므로 번갈아 비교하지 않습니다", "Turning {knob} restarts or reloads the plugin, so its values do not take turns"),
    "switchback_slow": Text("바꾼 뒤 {limit_seconds} 안에 안정되지 않아 번갈아 비교할 수 없습니다[[({settle_seconds} 걸림)]]", "It does not settle within {limit_seconds}, so values cannot take turns[[ (it takes {settle_seconds})]]"),
    "switchback_busy": Text("다른 변경이 진행 중이어서 번갈아 비교할 수 없습니다: {other_change}", "Another change is under way, so values cannot take turns: {other_change}"),
    "switchback_load_unknown": Text("부하를 알 수 없어 두 값 모두 버틸 수 있는지 확인할 수 없습니다", "The load is unknown, so nobody can say whether both values bear it"),
    "switchback_unstable": Text("한쪽 값에서 처리 자리의 {load_ratio:이} 차게 되어(한도 {limit_ratio}) 번갈아 비교하지 않습니다", "Under one of the values {load_ratio} of the slots would be taken (limit {limit_ratio}), so they do not take turns"),
    "comparison_no_past": Text("측정값의 흔들림을 알 만큼 관찰하지 못해 비교를 계획할 수 없습니다", "Too little was seen to know how much figures differ by themselves, so no comparison can be planned"),
    "comparison_too_long": Text("가장 짧은 비교도 한도 {limit_seconds} 안에 끝나지 않습니다[[({needed_seconds} 필요)]]", "Even the shortest comparison does not fit into {limit_seconds}[[ (it takes {needed_seconds})]]"),
    "effect_too_small_to_ask": Text("예상되는 차이({effect_ratio})가 작아 한도 {limit_seconds} 안에 가릴 수 없습니다[[({needed_seconds} 필요)]]", "The expected difference (to {effect_ratio}) is too small to be told within {limit_seconds}[[ (it takes {needed_seconds})]]"),
    "switchback_off": Text("정책이 두 값을 번갈아 비교하는 것을 허용하지 않습니다(switchback_seconds = 0)", "The policy does not let values take turns (switchback_seconds = 0)"),
    # While it goes
    "comparison_interrupted": Text("비교가 계획대로 이어지지 못해 원래 값으로 되돌립니다", "The comparison did not go as planned, so the old value is put back"),
    "comparing": Text("기록만으로는 판정할 수 없어 두 값을 번갈아 비교합니다({pairs}쌍, 약 {planned_seconds})", "The record could not tell, so both values take turns ({pairs} pairs, about {planned_seconds})"),
    "comparison_running": Text("두 값을 번갈아 비교하는 중입니다({planned_pairs}쌍 가운데 {pairs}쌍 마침)", "The two values take turns ({pairs} of {planned_pairs} pairs are over)"),
    # What it showed
    "comparison_pairs": Text("두 값을 {block_seconds}씩 무작위 순서로 번갈아 비교했습니다({planned_pairs}쌍 가운데 {pairs}쌍 사용[[, 우연일 확률 {chance}]])", "The two values took turns of {block_seconds} in random order ({pairs} of {planned_pairs} pairs counted[[, chance {chance}]])"),
    "comparison_few_pairs": Text("요청이 적은 구간이 있어 쓸 수 있는 쌍이 {pairs}개뿐입니다({needed_pairs}개 필요)", "Too few requests came: only {pairs} pairs count, and {needed_pairs} are needed"),
    "comparison_waits_unknown": Text("요청의 {unknown_ratio:은} 대기 시간을 알 수 없어 판정하지 않았습니다", "Not judged: the waiting time of {unknown_ratio} of the requests is unknown"),
}  # fmt: skip
