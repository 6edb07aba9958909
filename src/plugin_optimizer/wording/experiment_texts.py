"""What experiments with settings are, and why none is made."""

from collections.abc import Mapping

from .text import Text

EXPERIMENTS: Mapping[str, Text] = {
    # Title and evidence
    "try_setting": Text("설정 {knob:을} {from}에서 {to:으로} 바꿔 보세요", "Try the setting {knob} at {to} (now {from})"),
    "experiment_first": Text("설정 {knob:은} 아직 시험해 본 적이 없습니다. 작게 한 단계만 바꿔 보고, 나아지지 않으면 되돌립니다", "Nothing is known of {knob} yet: one small step, undone if it does not help"),
    "experiments_so_far": Text("설정 {knob:을} {trials}번 시험한 결과(판정 {verdicts}건)로 계산했습니다", "Computed from {trials} earlier experiments with {knob} ({verdicts} verdicts)"),
    "experiment_risk": Text("안전 한도를 넘을 확률은 {chance_ratio}입니다(허용 {limit_ratio})", "The chance to go beyond the safety limit is {chance_ratio} (allowed {limit_ratio})"),
    # Why none is made
    "experiments_off": Text("정책에서 설정 실험을 허용하지 않습니다", "The policy allows no experiments with settings"),
    "experiments_spent": Text("오늘 허용된 설정 실험 {limit}번을 모두 썼습니다({remaining_seconds} 뒤 다시 가능)", "All {limit} experiments of a day are spent; the next one in {remaining_seconds}"),
    "experiment_resting": Text("지난 변경의 영향이 가시도록 {remaining_seconds} 더 기다립니다", "Resting after the last change for another {remaining_seconds} before the next experiment"),
    "experiments_settled": Text("설정 {knob:은} 지금 값 {value:이} 충분히 좋습니다. 더 시험해 얻을 것(예상 {gain_ratio})이 필요한 만큼({needed_ratio})에 못 미칩니다[[(시험 {trials}번)]]", "{knob} is left at {value}: another experiment promises {gain_ratio}, less than the {needed_ratio} it has to be worth[[ ({trials} tried)]]"),
    "experiments_unsafe": Text("설정 {knob:은} 시험하지 않습니다. 안전 한도를 넘을 확률({chance_ratio})이 허용치({limit_ratio})보다 높습니다", "No experiment with {knob}: the chance to go beyond the safety limit is {chance_ratio}, allowed is {limit_ratio}"),
    "experiments_fenced": Text("설정 {knob:은} 지금 값 {value} 말고 더 시험할 값이 없습니다(해로웠거나 이미 시험함)", "Nothing is left to try for {knob} besides {value}: the rest was harmful or tried in vain"),
    "knob_unbounded": Text("설정 {knob:은} 하한과 상한이 모두 정해져 있지 않아 시험하지 않습니다", "No experiment with {knob}: its range is not known"),
    "knob_too_risky": Text("설정 {knob:은} 재시작하거나 정확히 되돌릴 수 없는 설정이라 시험하지 않습니다", "No experiment with {knob}: it needs a restart or cannot be taken back exactly"),
}  # fmt: skip
