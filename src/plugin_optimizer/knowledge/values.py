"""Values of the domain as JSON text, and back.

JSON has no NaN. A number that is not finite is written as null and read as NaN where the field is a `float`;
an optional float reads null as None.
"""

import types
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any, TypeVar, cast, get_args, get_origin, get_type_hints

import msgspec

NAN = float("nan")
Kind = TypeVar("Kind")


def encode(value: object) -> str:
    """Return `value` (a dataclass of the domain, or what JSON knows) as JSON text; numpy's numbers are accepted."""
    return msgspec.json.encode(value, enc_hook=_plain).decode()


def canonical(value: object) -> str:
    """Return JSON text that is the same for equal values: keys sorted, no spaces."""
    return msgspec.json.encode(value, enc_hook=_plain, order="deterministic").decode()


def decode(text: str, kind: type[Kind]) -> Kind:
    """Return the value of type `kind` that `text` was made from. Unknown fields are left out."""
    try:
        return cast("Kind", _decoder(_hashable(kind)).decode(text))
    except msgspec.ValidationError:  # most have no null in the place of a number: those are read in one go
        raw = msgspec.json.decode(text)
    fill: Callable[[Any], Any] = _filler(_hashable(kind))
    return msgspec.convert(fill(raw), type=kind)


def decode_any(text: str) -> Any:
    """Return what JSON knows: dicts, lists, strings, numbers."""
    return msgspec.json.decode(text)


def _hashable(kind: Any) -> Any:
    return kind  # types are; their checkers doubt it


@cache
def _decoder(kind: Any) -> "msgspec.json.Decoder[Any]":
    return msgspec.json.Decoder(kind)


def _plain(value: object) -> object:
    item = getattr(value, "item", None)  # a numpy scalar
    if item is None:
        raise NotImplementedError(f"{type(value).__name__} cannot be stored as JSON")
    return item()


def _same(raw: Any) -> Any:
    return raw


def _number(raw: Any) -> Any:
    return NAN if raw is None else raw


@cache
def _filler(kind: Any) -> Callable[[Any], Any]:
    """Return the function that puts NaN where a value of type `kind` holds null for a number."""
    if kind is float:
        return _number
    if is_dataclass(kind):
        return _fields_filler(kind)
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (tuple, list) and arguments:
        return _items_filler(_filler(arguments[0]))
    if origin in (dict, Mapping) and arguments[1:]:
        return _values_filler(_filler(arguments[1]))
    inner = [part for part in arguments if is_dataclass(part)]
    if origin is types.UnionType and inner:  # `Change | None`
        return _filler(_hashable(inner[0]))
    return _same


def _fields_filler(kind: Any) -> Callable[[Any], Any]:
    hints = get_type_hints(kind)
    fillers = {field.name: _filler(hints[field.name]) for field in fields(kind)}
    active = {name: filler for name, filler in fillers.items() if filler is not _same}

    def fill(raw: Any) -> Any:
        if isinstance(raw, dict):
            raw.update({name: filler(raw[name]) for name, filler in active.items() if name in raw})
        return raw

    return fill


def _items_filler(item: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return _same if item is _same else lambda raw: [item(each) for each in raw]


def _values_filler(value: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return _same if value is _same else lambda raw: {key: value(each) for key, each in raw.items()}
