"""What is said of plugins: what is wrong, what to do, and why nothing is said."""

from collections.abc import Mapping

from .text import Text

ANALYSIS: Mapping[str, Text] = {
    # Findings without evidence of their own
    "finding_threshold": Text("{metric:이} {value:으로} 임계치 {limit:을} 넘었습니다", "{metric} is {value}, beyond its threshold {limit}"),
    "finding_saturation": Text("{metric:이} {value:으로} 포화 상태입니다(한도 {limit})", "{metric} is {value}: saturated (limit {limit})"),
    "finding_waste": Text("{metric:이} {value:으로} 필요 이상입니다", "{metric} is {value}: more than is needed"),
    "finding_leak": Text("{metric:이} 계속 늘어 {value}에 이르렀습니다", "{metric} keeps growing, now {value}"),
    "finding_cache": Text("{metric:이} {value:으로} 낮습니다", "{metric} is only {value}"),
    "finding_error": Text("{metric:이} {value:으로} 올랐습니다(기준 {limit})", "{metric} rose to {value} (limit {limit})"),
    "finding_inactive": Text("플러그인이 실행되고 있지 않습니다", "The plugin is not running"),
    "finding_restarting": Text("플러그인이 반복해서 재시작됩니다", "The plugin keeps restarting"),
}  # fmt: skip
