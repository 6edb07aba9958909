"""The two kinds of patch that are sent: RFC 7386, and the strategic merge in which lists of containers merge by name."""

import copy
from typing import Any

MERGE_KEYS = {"containers": "name"}  # x-kubernetes-patch-merge-key in the published OpenAPI of a PodSpec


def merged(target: Any, patch: Any, *, strategic: bool, key: str = "") -> Any:
    """Return `target` with `patch` laid over it; neither is changed."""
    if isinstance(patch, dict):
        result = dict(target) if isinstance(target, dict) else {}
        for name, value in patch.items():
            if value is None:
                result.pop(name, None)
            else:
                result[name] = merged(result.get(name), value, strategic=strategic, key=name)
        return result
    if strategic and key in MERGE_KEYS and isinstance(patch, list):
        return _by_key(target or [], patch, MERGE_KEYS[key])
    return copy.deepcopy(patch)


def _by_key(target: list[Any], patch: list[Any], key: str) -> list[Any]:
    changes = {each[key]: each for each in patch}
    result = [merged(each, changes.pop(each[key], {}), strategic=True) for each in target]
    return [*result, *changes.values()]
