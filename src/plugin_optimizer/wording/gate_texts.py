"""What the data gate says of data that it did not believe, and why nobody acts without data."""

from collections.abc import Mapping

from .text import Text

GATE: Mapping[str, Text] = {
    "gate_not_finite": Text("숫자가 아닌 측정값 {refused}개를 받지 않았습니다({metrics}). 없는 값으로 다룹니다", "{refused} value(s) were no finite number ({metrics}); they count as missing"),
    "gate_too_large": Text("있을 수 없을 만큼 큰 측정값 {refused}개를 받지 않았습니다({metrics})", "{refused} value(s) were impossibly large ({metrics}); they count as missing"),
    "gate_negative": Text("음수 측정값 {refused}개를 받지 않았습니다({metrics})", "{refused} value(s) were below zero ({metrics}); they count as missing"),
    "gate_ratio_above_one": Text("1보다 큰 비율 {refused}개를 받지 않았습니다({metrics})", "{refused} ratio(s) were above one ({metrics}); they count as missing"),
    "gate_not_a_count": Text("정수가 아닌 개수 {refused}개를 받지 않았습니다({metrics})", "{refused} count(s) were no whole number ({metrics}); they count as missing"),
    "gate_from_the_future": Text("미래 시각의 측정값 {refused}개를 받지 않았습니다({metrics}). 시계를 확인하세요", "{refused} value(s) were dated in the future ({metrics}); check the clocks"),
    "gate_too_old": Text("한 시간이 넘은 측정값 {refused}개를 받지 않았습니다({metrics})", "{refused} value(s) were more than an hour old ({metrics}); they count as missing"),
    "gate_duplicate": Text("이미 받은 측정값 {refused}개를 다시 받지 않았습니다({metrics})", "{refused} value(s) came twice ({metrics}) and were counted once"),
    "gate_back_dated": Text("더 새로운 측정값이 있는데 늦게 온 {refused}개를 받지 않았습니다({metrics})", "{refused} value(s) were older than what was known already ({metrics})"),
    "gate_implausible_zero": Text("살아 있는 플러그인의 측정값 {refused}개가 갑자기 0이 되거나 80 % 넘게 떨어졌지만 다른 출처에서는 확인되지 않았습니다({metrics}). 낮은 값이 아니라 없는 값으로 다룹니다", "{refused} figure(s) of a living plugin fell suddenly to zero or by more than 80 %, and no second source saw it ({metrics}); they count as missing, not as low"),
    "gate_frozen": Text("측정값 {refused}개가 여러 번 똑같이 멈춰 있는데 다른 출처에서는 일하고 있습니다({metrics}). 측정하는 쪽을 확인하세요", "{refused} figure(s) stand still to the last digit while another source sees work going on ({metrics}); check what measures them"),
    "gate_reset": Text("카운터 {refused}개가 뒤로 갔습니다({metrics}). 다시 시작한 것으로 보고 그 구간의 변화량은 계산하지 않습니다", "{refused} counter(s) went backwards ({metrics}): begun anew, and no rate is computed across that"),
    "gate_series_limit": Text("시계열이 한도보다 많아 {refused}개의 보고를 받지 않았습니다({metrics}). 레이블에 경로나 사용자 같은 값을 넣지 마세요", "{refused} report(s) came in more series than are kept ({metrics}); keep paths and users out of labels"),
    # Nobody acts automatically without looking
    "rail_not_seen": Text("플러그인이 '{status}' 상태라서 자동으로 바꾸지 않습니다", "The plugin is '{status}': nothing is changed automatically until it is seen again"),
    "rail_undone": Text("같은 변경이 하루 안에 되돌려진 적이 있어 {rest_seconds} 동안 자동으로 다시 시도하지 않습니다", "The same change was undone within a day: not tried again automatically for another {rest_seconds}"),
    "rail_busy": Text("요청을 끊는 변경이라 한가할 때만 자동으로 합니다. 지금은 초당 {present_per_second}건이고 하루 최대는 {peak_per_second}건입니다. 정책의 windows로 시간을 정할 수 있습니다", "It interrupts requests and waits for a quiet time: {present_per_second} a second now, {peak_per_second} at the day's peak; the policy's windows may set a time"),
    "rail_day_unknown": Text("요청을 끊는 변경이라 한가할 때만 자동으로 합니다. 아직 하루치 데이터가 없어 언제가 한가한지 모릅니다. 정책의 windows로 시간을 정할 수 있습니다", "It interrupts requests and waits for a quiet time, and no whole day was seen yet; the policy's windows may set a time"),
    "rail_blind": Text("마지막 관찰이 {age_seconds} 전이라서 자동으로 바꾸지 않습니다. 엔진이 동작하는지 확인하세요", "The last look at the plugins was {age_seconds} ago: nothing is changed automatically; check that the engine turns"),
}  # fmt: skip
