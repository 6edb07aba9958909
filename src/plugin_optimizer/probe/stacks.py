"""What the stack of a thread says of who is at work in it: package, function, plugin of a hook, request or not."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from types import CodeType, FrameType
from typing import Any

PYTHON = "python"  # where nothing but the standard library is on the stack
_DEEPEST = 200
_KNOWN_AT_MOST = 10_000
_REQUESTS = "plugin_optimizer.probe.wsgi"  # whoever stands above a frame of it serves a request
_PLUGIN_FOLDER = "plugins"  # <package>.plugins.<name> is a plugin of the package, and told apart from it

_hooks: dict[CodeType, str] = {}


def name_hook(function: Callable[..., Any], plugin: str) -> None:
    """Let what runs within `function` count for a plugin. One function that stands for two plugins counts for neither."""
    code = getattr(getattr(function, "__func__", function), "__code__", None)
    if isinstance(code, CodeType):
        _hooks[code] = plugin if _hooks.get(code, plugin) == plugin else ""


@dataclass(frozen=True, slots=True)
class Work:
    """Who is at work. `function` is the innermost one of the package, as module:name; `hook` a plugin or ''."""

    package: str
    function: str
    hook: str
    request: bool


@dataclass(frozen=True, slots=True)
class _Spot:
    package: str
    function: str
    request: bool


class StackReader:
    """Reads stacks; each function is looked at once. Holds no frame: a frame would hold the application's objects."""

    def __init__(self) -> None:
        self._known: dict[CodeType, _Spot] = {}

    def read(self, top: FrameType) -> Work:
        """Return whose work it is: the package of the innermost frame that is not of the standard library.

        What is computed in C has no frame, and is its caller's.
        """
        package = function = hook = ""
        request = False
        frame: FrameType | None = top
        for _ in range(_DEEPEST):
            if frame is None:
                break
            code = frame.f_code
            spot = self._known.get(code) or self._look(code, frame)
            if spot.package and not package:
                package, function = spot.package, spot.function
            hook = hook or _hooks.get(code, "")
            request = request or spot.request
            frame = frame.f_back
        return Work(package or PYTHON, function or self._known[top.f_code].function, hook, request)

    def _look(self, code: CodeType, frame: FrameType) -> _Spot:
        if len(self._known) >= _KNOWN_AT_MOST:
            self._known.clear()
        module = frame.f_globals.get("__name__")
        named = module if isinstance(module, str) else ""
        name = code.co_qualname if sys.version_info >= (3, 11) else code.co_name
        spot = self._known[code] = _Spot(package_of(named), f"{named or code.co_filename}:{name}", named == _REQUESTS)
        return spot


def package_of(module: str) -> str:
    """Return the package a module is part of; '' for the standard library and for what has no name (a template)."""
    parts = module.split(".")
    if parts[0] in sys.stdlib_module_names:
        return ""
    if _PLUGIN_FOLDER in parts[1:-1]:
        return ".".join(parts[: parts.index(_PLUGIN_FOLDER, 1) + 2])
    return parts[0]
