"""Who ran into the limits of what others may send us, in the last hour."""

from collections.abc import Iterator

from ..domain import Message
from ..knowledge.stores import INBOX
from .route import Call

LATELY_SECONDS = 3_600.0
SHOWN = 5
MALFORMED = frozenset(
    {
        "malformed", "malformed_gzip", "malformed_json", "malformed_otlp", "invalid_field", "unsupported_encoding",
        "unsupported_media_type", "unreadable",
    }
)  # fmt: skip


def metrics_in_troubles(call: Call) -> Iterator[Message]:
    """Yield what was refused, the latest first. Where nothing was ever taken no inbox is made by asking."""
    if not (call.system.config.state_dir / INBOX).exists():
        return
    for hit in call.system.inbox.hits(call.now - LATELY_SECONDS)[:SHOWN]:
        reason = "malformed" if hit.reason in MALFORMED else hit.reason.removeprefix("metrics_in_")
        yield Message(f"metrics_in_{reason}", {"sender": hit.sender, "count": hit.count, "last_at_seconds": hit.at})
