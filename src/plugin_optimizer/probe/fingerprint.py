"""Which error it is: the same type raised by way of the same functions, whatever the message and the line."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b
from types import CodeType

_DEEPEST = 64  # frames kept, from the innermost outwards
_LONGEST_CHAIN = 5
_KNOWN_AT_MOST = 1_000
_63_BITS = (1 << 63) - 1

# Keyed by the code objects themselves: an id() is used again after collection.
_Key = tuple[tuple[type[BaseException], tuple[CodeType, ...]], ...]


@dataclass(frozen=True, slots=True)
class ErrorKind:
    """What errors of one fingerprint have in common. `frames` from the outermost to the innermost."""

    fingerprint: int
    exception: str
    frames: tuple[str, ...]


class Fingerprints:
    """Names errors; a bounded dictionary makes the second error of a kind cheap. Thread-safe under the GIL."""

    def __init__(self) -> None:
        self._known: dict[_Key, ErrorKind] = {}

    def of(self, error: BaseException) -> ErrorKind:
        key = tuple((type(link), _path(link)) for link in _chain(error))
        kind = self._known.get(key)
        if kind is None:
            if len(self._known) >= _KNOWN_AT_MOST:
                self._known.clear()
            kind = self._known[key] = _name(key)
        return kind


def _chain(error: BaseException) -> Iterator[BaseException]:
    link: BaseException | None = error
    for _ in range(_LONGEST_CHAIN):
        if link is None:
            return
        yield link
        link = link.__cause__ or (None if link.__suppress_context__ else link.__context__)


def _path(error: BaseException) -> tuple[CodeType, ...]:
    codes: deque[CodeType] = deque(maxlen=_DEEPEST)
    trace, last = error.__traceback__, None
    while trace is not None:
        code = trace.tb_frame.f_code
        if code is not last:  # recursion collapses
            codes.append(code)
            last = code
        trace = trace.tb_next
    return tuple(codes)


def _name(key: _Key) -> ErrorKind:
    digest = blake2b(digest_size=8)
    for kind, codes in key:
        for part in (_type_name(kind), *map(_frame, codes)):
            digest.update(part.encode("utf-8", "replace") + b"\0")
    kind, codes = key[0]
    # 0 stands for "no error" in the records
    fingerprint = int.from_bytes(digest.digest()) & _63_BITS or 1
    return ErrorKind(fingerprint, _type_name(kind), tuple(map(_frame, codes)))


def _type_name(kind: type[BaseException]) -> str:
    module = kind.__module__
    return kind.__qualname__ if module == "builtins" else f"{module}.{kind.__qualname__}"


def _frame(code: CodeType) -> str:
    return f"{code.co_filename.rpartition('/')[2]}:{code.co_qualname}"
