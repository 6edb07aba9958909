"""How well earlier predictions held, and why an outcome was not held against one."""

from collections.abc import Mapping

from .text import Text

LEDGER: Mapping[str, Text] = {
    "time_spared_how": Text("판정하는 동안의 요청만 셌습니다. 변경 {executions}건에서, 같은 요청을 바꾸기 전 서버로 다시 돌렸을 때 걸렸을 시간에서 실제로 걸린 시간을 뺀 합입니다. 되돌린 변경도 더했고, 판정 이후의 시간은 추정하지 않았습니다", "Only requests of the time of judging, of {executions} change(s): what the same requests would have taken on the server as it was, by replay, minus what they took. Changes that were undone count, too; nothing is guessed about the time since"),
    # On the suggestion
    "predictions_held": Text("이런 예측 {predictions}건 중 {held}건이 예측 구간 안에 들었습니다", "Predictions of this kind held {held} of {predictions} times"),
    "predictions_widened": Text("예측 구간을 {factor}배로 넓혔습니다. 이런 예측 {predictions}건 중 {held}건만 구간 안에 들었습니다", "Interval widened ×{factor}: {held} of {predictions} predictions of this kind held"),
    # Why an outcome was not compared
    "ledger_no_figure": Text("비교할 수치가 없습니다", "There is no figure to compare"),
    "ledger_not_in_force": Text("판정하는 동안 변경이 계속 적용되어 있지 않았습니다", "The change was not in force all the time it was judged"),
    "ledger_guard": Text("수치가 자리 잡기 전에 안전장치가 되돌렸습니다", "A guard undid it before the figures had settled"),
    "ledger_too_little": Text("관찰된 데이터가 부족했습니다", "Too little was seen of it"),
    "ledger_warming": Text("캐시가 아직 채워지는 중이었습니다", "The cache was still filling"),
    "ledger_first_lives": Text("워커가 이제 처음 새로 시작된 참이었습니다", "The workers had just been replaced for the first time"),
    "ledger_other_figure": Text("예측과 다른 방식으로 측정되었습니다", "What was measured is another figure than the one predicted"),
    "ledger_environment": Text("같은 때 다른 플러그인도 함께 변했습니다", "Other plugins moved at the same time"),
    "ledger_other_change": Text("그 사이 설정 {knob:이} 바뀌었습니다", "The setting {knob} changed meanwhile"),
    "ledger_load_changed": Text("부하가 예측할 때의 {load_ratio:으로} 달라졌습니다", "The load was {load_ratio} of the load it was predicted for"),
}  # fmt: skip
