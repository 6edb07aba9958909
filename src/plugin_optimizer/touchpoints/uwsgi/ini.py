"""Reading and rewriting uWSGI's ini file: one number in one line, every other byte stays.

uWSGI's own reader (`core/ini.c`) takes `key = value` lines of one section; a key without a value is true; what is set twice counts
as it is set last. Placeholders (`%(name)`, `$(VARIABLE)`, `@(file)`) and conditions are not worked out here: what they decide
is not known, and not rewritten.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ...domain import Refused
from .options import DYNAMIC, Told, canonical

_LINE = re.compile(rb"[^\r\n]*(?:\r\n|\r|\n|$)")
_SECTION = re.compile(r"\s*\[([^\]]*)\]")
_NUMBER = re.compile(rb"(\s*[\w-]+\s*=\s*)(\d+)(\s*(?:[;#][^\r\n]*)?(?:\r\n|\r|\n)?)")
_COMMENT = re.compile(r"\s[;#].*$")
COMPUTED = re.compile(r"[%$@]\(|%[a-zA-Z]")


@dataclass(frozen=True, slots=True)
class IniSettings:
    """What one section sets, by option. `dynamic` names what else decides (another file, a condition), '' where nothing does."""

    told: Told
    dynamic: str = ""
    sections: int = 1


def read_ini(content: bytes, section: str = "uwsgi") -> IniSettings:
    """Return what the section sets; values are texts as they stand there, placeholders included."""
    told: dict[str, tuple[str, ...]] = {}
    dynamic, sections = "", 0
    for place, key, value in _lines(content):
        if key == "[":
            sections += value == section
        elif place == section:
            name = canonical(key)
            told[name] = (*told.get(name, ()), value)
            dynamic = dynamic or (key if DYNAMIC.fullmatch(name) else "")
    return IniSettings(told, dynamic, sections)


def with_number(content: bytes, section: str, option: str, number: int) -> bytes:
    """Return the file with `option = number` in the section: the number replaced, or a line added at its end.

    Raises Refused where something else than one plain number decides.
    """
    settings = read_ini(content, section)
    if settings.sections != 1:
        raise Refused(f"the ini file has {settings.sections} sections [{section}]; one is needed")
    if settings.dynamic:
        raise Refused(f"`{settings.dynamic}` in the ini file lets something else decide; set {option} by hand")
    found = settings.told.get(option, ())
    if len(found) > 1:
        raise Refused(f"the ini file sets {option} {len(found)} times; leave one of them")
    changed = _rewritten(content, section, option, number, appended=not found)
    if read_ini(changed, section).told.get(option) != (str(number),):
        raise Refused(f"{option} = {number} does not come to stand in the ini file; set it by hand")
    return changed


def _rewritten(content: bytes, section: str, option: str, number: int, *, appended: bool) -> bytes:
    lines = [line for line in _LINE.findall(content) if line]
    here, last = "", -1
    for index, line in enumerate(lines):
        key, _ = _parsed(line)
        if key == "[":
            here = _parsed(line)[1]
        if here != section or not key:
            continue
        last = index
        if not appended and canonical(key) == option:
            lines[index] = _replaced(line, option, number)
    if appended:
        ending = next((end for end in (b"\r\n", b"\n", b"\r") if lines[last].endswith(end)), b"")
        lines[last] = lines[last] if ending else lines[last] + b"\n"
        lines.insert(last + 1, f"{option} = {number}".encode() + (ending or b"\n"))
    return b"".join(lines)


def _replaced(line: bytes, option: str, number: int) -> bytes:
    found = _NUMBER.fullmatch(line)
    if found is None:
        raise Refused(f"the ini file computes {option}; only `{option} = <number>` is rewritten")
    return found[1] + str(number).encode() + found[3]


def _lines(content: bytes) -> Iterator[tuple[str, str, str]]:
    """Yield section, key and value of each line that sets something; of a section's own line the key is `[`."""
    section = ""
    for line in _LINE.findall(content):
        key, value = _parsed(line)
        if key == "[":
            section = value
        if key:
            yield section, key, value


def _parsed(line: bytes) -> tuple[str, str]:
    text = line.decode("utf-8", errors="replace").strip()
    heading = _SECTION.match(text)
    if heading:
        return "[", heading[1]
    if not text or text[0] in ";#":
        return "", ""
    key, equals, value = text.partition("=")
    return key.strip(), _COMMENT.sub("", value).strip() if equals else "true"
