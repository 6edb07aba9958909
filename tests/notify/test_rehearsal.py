"""The count of the past: it costs no more than its length."""

import random
import time
from dataclasses import replace

from web.small_system import NOW, proposal

from plugin_optimizer.contracts import AuditEntry
from plugin_optimizer.domain import Execution, NotFound, Suggestion, SuggestionState
from plugin_optimizer.execute.policy_layers import merge_policies
from plugin_optimizer.notify.gathering import Routing
from plugin_optimizer.notify.rehearsal import messages, story
from plugin_optimizer.notify.settings import Notify, Rules

WEEK = 7 * 86_400.0


class Plenty:
    """Suggestions that are named after their plugin."""

    def suggestion(self, suggestion_id: str) -> Suggestion:
        about = replace(proposal(), plugin_id=suggestion_id)
        return Suggestion(suggestion_id, 1, about, SuggestionState.OPEN, NOW, NOW, NOW + 60)

    def execution(self, execution_id: str) -> Execution:
        raise NotFound(execution_id)


def test_twenty_thousand_entries_of_two_thousand_plugins_are_counted_in_seconds() -> None:
    """The worst that the API reads; every plugin flaps all the time."""
    chance, begin = random.Random(1), NOW - WEEK
    entries = []
    for i in range(20_000):
        plugin_id, at = f"p{chance.randrange(2_000)}", begin + i * 30.0
        if chance.random() < 0.5:
            entries.append(AuditEntry(i, at, "engine", "suggestion.open", plugin_id, {"type": "x"}, ""))
        else:
            status = chance.choice(["active", "inactive", "unknown"])
            entries.append(AuditEntry(i, at, "engine", f"plugin.{status}", plugin_id, {}, ""))
    policies = merge_policies({"": {"notify": ["ops info"]}})
    began = time.process_time()
    told = story(entries, Plenty(), policies, Notify(), NOW)
    box = messages(told, "ops", Routing({"ops": Rules("slack")}, policies), Notify(), NOW)
    assert time.process_time() - began < 15
    assert [at for at, _ in told] == sorted(at for at, _ in told)
    assert len(told) > 5_000
    assert all(sum(at - 3600 < other <= at for other in box.went) <= 31 for at in box.went[:200])
