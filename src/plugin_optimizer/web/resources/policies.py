"""What is allowed for a plugin: read by all, changed by admins, each field back to its default by null."""

import hashlib
from collections.abc import Mapping
from typing import Any

import msgspec

from ...execute.policy_layers import OF_PLUGIN
from ..consequences import ConsequencesView, consequences
from ..policy_change import PolicyBody, changed_layers, given_fields, layers_of
from ..revision import require_match
from ..route import Answer, Call, Role, Route
from ..views.policy import FieldView, PolicyView, view_schema


class PoliciesView(msgspec.Struct, frozen=True, kw_only=True):
    """`plugins` are those with a value of their own; what groups say is at `/plugin-groups`."""

    default: Mapping[str, Any]
    plugins: Mapping[str, Mapping[str, Any]]
    schema: tuple[FieldView, ...]


def list_policies(call: Call) -> Answer:
    policies = call.system.policies()
    own = {
        plugin_id: msgspec.to_builtins(policy)
        for plugin_id, policy in policies.by_plugin.items()
        if OF_PLUGIN in policies.origins[plugin_id].values()
    }
    view = PoliciesView(
        default=msgspec.to_builtins(policies.default), plugins=own, schema=tuple(view_schema(call.lang))
    )
    return Answer(view)


def read_policy(call: Call, plugin_id: str) -> Answer:
    return _answer(layers_of(call, plugin_id).view())


def change_policy(call: Call, body: Any, plugin_id: str) -> Answer:
    """Store the given fields; null takes a field back.

    Raises Problem 400 for what does not fit, 428 without If-Match, 412 where the policy is another by now.
    """
    layers = layers_of(call, plugin_id)
    require_match(call, policy_etag(layers.view()))
    given = given_fields(body)
    changed = changed_layers(call, layers, given)
    call.system.state.patch_policy(layers.target, msgspec.to_builtins(given), call.actor, call.now, layers.seen)
    return _answer(changed.view())


def tell_consequences(call: Call, body: Any, plugin_id: str) -> Answer:
    """Tell whose policy would be another one, at once and from the policies alone. Raises Problem 400."""
    layers = layers_of(call, plugin_id)
    given = given_fields(body)
    return Answer(consequences(layers, changed_layers(call, layers, given), frozenset(given)))


def policy_etag(view: PolicyView) -> str:
    """Return the mark of what an administrator sees: it changes with each value and with where it comes from."""
    return f'"{hashlib.sha256(msgspec.json.encode(view, order="sorted")).hexdigest()[:16]}"'


def _answer(view: PolicyView) -> Answer:
    return Answer(view, headers={"ETag": policy_etag(view)})


ROUTES = (
    Route("GET", "/policies", Role.VIEWER, list_policies, "List policies", PoliciesView),
    Route("GET", "/policies/<plugin_id>", Role.VIEWER, read_policy, "Read a policy", PolicyView),
    Route("PATCH", "/policies/<plugin_id>", Role.ADMIN, change_policy, "Change a policy", PolicyView, body=PolicyBody),
    Route(
        "POST", "/policies/<plugin_id>/consequences", Role.ADMIN, tell_consequences, "Tell whose policy would change",
        ConsequencesView, body=PolicyBody,
    ),
)  # fmt: skip
