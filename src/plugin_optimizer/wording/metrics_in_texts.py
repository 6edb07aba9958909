"""What is said of figures that others send us and that were not taken, or not all of them."""

from collections.abc import Mapping

from .text import Text

METRICS_IN: Mapping[str, Text] = {
    "metrics_in_figures": Text("{sender:이} 보낸 측정값 {count}개를 받지 않았습니다(마지막 {last_at_seconds}): 숫자나 시각이 맞지 않습니다", "{count} figure(s) from {sender} were refused, the last at {last_at_seconds}: their numbers or times do not fit"),
    "metrics_in_labels": Text("{sender}의 시계열 {count}개를 받지 않았습니다(마지막 {last_at_seconds}): 레이블이 너무 많거나 깁니다", "{count} series of {sender} were refused, the last at {last_at_seconds}: too many or too long labels"),
    "metrics_in_service": Text("{sender:이} 보낸 측정값 {count}개를 받지 않았습니다(마지막 {last_at_seconds}): service.name이 이 토큰의 어느 플러그인과도 맞지 않습니다", "{count} figure(s) from {sender} were refused, the last at {last_at_seconds}: their service.name fits no plugin of this token"),
    "metrics_in_series_limit": Text("{sender}의 시계열이 한도를 넘어 측정값 {count}개를 받지 않았습니다(마지막 {last_at_seconds})", "{sender} has more series than are kept: {count} figure(s) refused, the last at {last_at_seconds}"),
    "metrics_in_too_many_points": Text("{sender:이} 한도보다 많은 측정값을 보냈습니다({count}번, 마지막 {last_at_seconds})", "{sender} sent more figures than are taken ({count} times, the last at {last_at_seconds})"),
    "metrics_in_too_many_requests": Text("{sender:이} 너무 자주 보냈습니다({count}번 거절, 마지막 {last_at_seconds})", "{sender} sends too often ({count} requests refused, the last at {last_at_seconds})"),
    "metrics_in_content_too_large": Text("{sender:이} 보낸 요청 {count}개가 너무 컸습니다(마지막 {last_at_seconds})", "{count} request(s) from {sender} were too large, the last at {last_at_seconds}"),
    "metrics_in_inflation_too_large": Text("{sender:이} 보낸 압축 요청 {count}개가 한도보다 크게 풀려 거절했습니다(마지막 {last_at_seconds})", "{count} compressed request(s) from {sender} would have inflated beyond the limit, the last at {last_at_seconds}"),
    "metrics_in_malformed": Text("{sender:이} 보낸 요청 {count}개를 읽을 수 없었습니다(마지막 {last_at_seconds})", "{count} request(s) from {sender} could not be read, the last at {last_at_seconds}"),
    "metrics_in_senders_busy": Text("동시에 들어온 요청이 많아 {sender}의 요청 {count}개를 미루었습니다(마지막 {last_at_seconds})", "{count} request(s) from {sender} were put off, the last at {last_at_seconds}: too many at a time"),
    "metrics_in_inbox_full": Text("받은 측정값이 처리되지 않고 쌓여 {sender}의 요청 {count}개를 미루었습니다(마지막 {last_at_seconds})", "{count} request(s) from {sender} were put off, the last at {last_at_seconds}: what was sent before still waits"),
    "metrics_in_protobuf_missing": Text("{sender:이} protobuf를 {count}번 보냈지만 읽을 패키지가 없습니다(마지막 {last_at_seconds})", "{sender} sent protobuf {count} times, the last at {last_at_seconds}, and the package that reads it is missing"),
    "metrics_in_off": Text("{sender:이} 측정값을 {count}번 보냈지만 받지 않도록 설정되어 있습니다(마지막 {last_at_seconds})", "{sender} sent figures {count} times, the last at {last_at_seconds}, and taking them in is switched off"),
}  # fmt: skip

METRICS_IN_HELP: Mapping[str, Text] = {
    "metrics_in_figures": Text("보내는 쪽이 받은 응답(partial success)에 무엇이 맞지 않는지 적혀 있습니다. 시계도 확인하세요", "The answer to the sender (the partial success) says what did not fit; check the clocks, too"),
    "metrics_in_labels": Text("레이블을 줄이세요. 한도는 metrics_in.labels, label_name_bytes, label_value_bytes입니다", "Send fewer or shorter labels; the limits are metrics_in.labels, label_name_bytes and label_value_bytes"),
    "metrics_in_service": Text("[plugins.이름.metrics]의 service에 그 service.name을 적으세요", "Name that service.name in [plugins.NAME.metrics] service"),
    "metrics_in_series_limit": Text("경로나 사용자 같은 값을 레이블에 넣지 마세요. 한도는 metrics_in.series_of_metric, series_of_plugin, series입니다", "Keep paths and users out of labels; the limits are metrics_in.series_of_metric, series_of_plugin and series"),
    "metrics_in_too_many_points": Text("더 드물게 보내거나 metrics_in.points, points_per_second를 늘리세요", "Send more rarely, or raise metrics_in.points or points_per_second"),
    "metrics_in_too_many_requests": Text("더 드물게 보내거나 metrics_in.requests_per_second를 늘리세요", "Send more rarely, or raise metrics_in.requests_per_second"),
    "metrics_in_content_too_large": Text("나누어 보내거나 metrics_in.body_bytes, inflated_bytes를 늘리세요", "Send it in several requests, or raise metrics_in.body_bytes or inflated_bytes"),
    "metrics_in_inflation_too_large": Text("누가 보내는지 확인하세요. 정상이라면 압축하지 말고 보내세요", "See who sends that; if it is meant, send it uncompressed"),
    "metrics_in_malformed": Text("보내는 쪽이 받은 응답에 무엇이 맞지 않는지 적혀 있습니다(docs/METRICS_IN.md)", "The answer to the sender says what would have been right (docs/METRICS_IN.md)"),
    "metrics_in_inbox_full": Text("분석 엔진이 동작하는지 확인하세요", "See whether the analysis runs"),
    "metrics_in_protobuf_missing": Text("`pip install plugin-optimizer[otlp]`을 설치하거나 JSON으로 보내세요", "Install `plugin-optimizer[otlp]`, or send JSON"),
}  # fmt: skip
