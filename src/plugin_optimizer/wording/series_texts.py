"""What is said about a file of numbers over time (`plugin-optimizer analyze`)."""

from collections.abc import Mapping

from .text import Text

SERIES: Mapping[str, Text] = {
    "series_read": Text("{name}: {rows}행, 간격 {step_seconds}, {span_seconds}[[, 빈 값 {missing}개]][[, 시간이 겹치거나 뒤로 간 {skipped}행 제외]]", "{name}: {rows} rows, one in {step_seconds}, over {span_seconds}[[, {missing} values missing]][[, {skipped} rows left out whose time repeats or goes back]]"),
    "series_warming": Text("아직 배우는 중입니다: 갑작스러운 변화는 {deviation_rows}행부터, 없던 수준은 {level_rows}행부터 말합니다", "Still learning: sudden deviations are told from row {deviation_rows} on, unprecedented levels from row {level_rows}"),
    "series_quiet": Text("특이한 점이 없습니다", "Nothing unusual"),
    "series_together": Text("함께 변한 것: {names}", "Changed with it: {names}"),
    "series_first": Text("가장 먼저 변한 것: {name}", "What moved first: {name}"),
    "series_begun": Text("{since_at_seconds}부터", "Since {since_at_seconds}"),
    "series_ahead": Text("{ahead_seconds} 뒤 {expected} 예상(80 % 구간 {low}~{high})", "In {ahead_seconds}: {expected} expected (80 % between {low} and {high})"),
    "series_rises": Text("하루 동안 바닥이 {value}만큼 올랐습니다", "Over the last day its floor rose by {value}"),
    "series_picture": Text("그림: {path}", "Picture: {path}"),
}  # fmt: skip
