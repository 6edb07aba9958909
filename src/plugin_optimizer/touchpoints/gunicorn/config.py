"""Reading and rewriting gunicorn's config file without ever running it.

It is a Python program. Only what stands there as a literal at the top level is believed, and only such a number
is rewritten; whatever else decides (an `if`, a loop, an import, `globals()`) makes the setting *computed*.
"""

import ast
import io
import re
import tokenize
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ...domain import Refused

_ANYTHING = "*"  # also what `from … import *` binds
_WRITES_NAMES = frozenset({"globals", "locals", "vars", "exec"})
_LINE_END = re.compile(rb"\r\n|\r|\n")  # what Python's own reader takes for one
_BOM = b"\xef\xbb\xbf"

_Scope = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
_Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp


@dataclass(frozen=True, slots=True)
class ConfigSettings:
    """What a config file sets: literals by name, and the names that it computes (`*`: any name)."""

    literals: Mapping[str, object]
    computed: frozenset[str]

    def is_computed(self, name: str) -> bool:
        return name in self.computed or (_ANYTHING in self.computed and name not in self.literals)


def read_settings(content: bytes) -> ConfigSettings:
    """Return what the file sets. Raises Refused if it is not Python in UTF-8."""
    literals: dict[str, object] = {}
    computed: set[str] = set()
    for statement in _parsed(content).body:
        names = set(_bound_names(statement))
        if _ANYTHING in names:
            names |= set(literals)
        target, value = _simple_assignment(statement)
        for name in names:
            literals.pop(name, None)
            computed.add(name)
        if target is not None and value is not None and _is_literal(value):
            literals[target] = ast.literal_eval(value)
            computed.discard(target)
    return ConfigSettings(literals, frozenset(computed))


def with_number(content: bytes, name: str, number: int) -> bytes:
    """Return the file with `name = number`: the literal replaced, or a line appended where the name is not set.

    Every other byte stays. Raises Refused where something else than a plain integer decides.
    """
    deciding = _deciding_statement(_parsed(content), name)
    changed = _appended(content, name, number) if deciding is None else _replaced(content, deciding, name, number)
    if read_settings(changed).literals.get(name) != number:
        raise Refused(f"{name} = {number} does not come to stand in the config file; set it by hand")
    return changed


def _parsed(content: bytes) -> ast.Module:
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(content).readline)
        if encoding not in ("utf-8", "utf-8-sig"):
            raise Refused(f"the config file is written in {encoding}; only UTF-8 is read and rewritten")
        return ast.parse(content)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise Refused(f"the config file is not valid Python: {error}") from error


def _bound_names(node: ast.AST) -> Iterator[str]:
    """Yield the module's names a statement may bind or delete; `*` where that cannot be known."""
    if isinstance(node, _Scope):
        yield node.name
        yield from _declared_global(node)
    elif isinstance(node, _Comprehension | ast.Lambda):
        walruses = (inner for inner in ast.walk(node) if isinstance(inner, ast.NamedExpr))
        yield from (walrus.target.id for walrus in walruses)
    else:
        yield from _own_names(node)
        for child in ast.iter_child_nodes(node):
            yield from _bound_names(child)


def _own_names(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Name(id=name, ctx=ast.Load()):
            if name in _WRITES_NAMES:
                yield _ANYTHING
        case ast.Name(id=name) | ast.ExceptHandler(name=str(name)) | ast.MatchMapping(rest=str(name)):
            yield name
        case ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
            yield name
        case ast.alias(name=name, asname=other):
            yield other or name.partition(".")[0]


def _declared_global(scope: ast.AST) -> Iterator[str]:
    for inner in ast.walk(scope):
        if isinstance(inner, ast.Global):
            yield from inner.names


def _simple_assignment(statement: ast.stmt) -> tuple[str | None, ast.expr | None]:
    match statement:
        case ast.Assign(targets=[ast.Name(id=name)], value=value):
            return name, value
        case ast.AnnAssign(target=ast.Name(id=name), value=value):
            return name, value
    return None, None


def _is_literal(value: ast.expr) -> bool:
    try:
        ast.literal_eval(value)
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
        return False
    return True


def _deciding_statement(tree: ast.Module, name: str) -> ast.stmt | None:
    """Return the last statement that may bind `name`, None if none does."""
    for statement in reversed(tree.body):
        if {name, _ANYTHING}.intersection(_bound_names(statement)):
            return statement
    return None


def _replaced(content: bytes, deciding: ast.stmt, name: str, number: int) -> bytes:
    target, value = _simple_assignment(deciding)
    if target != name or not isinstance(value, ast.Constant) or type(value.value) is not int:
        raise Refused(f"line {deciding.lineno} computes {name}; only `{name} = <number>` is rewritten")
    begin = _offset(content, value.lineno, value.col_offset)
    end = _offset(content, value.end_lineno or value.lineno, value.end_col_offset or value.col_offset)
    return content[:begin] + str(number).encode() + content[end:]


def _offset(content: bytes, line: int, column: int) -> int:
    """Return where a position of the syntax tree (line from 1, column in UTF-8 bytes) stands in the file."""
    mark = len(_BOM) if content.startswith(_BOM) else 0  # the tree does not count it
    starts = [mark, *(found.end() for found in _LINE_END.finditer(content))]
    return starts[line - 1] + column


def _appended(content: bytes, name: str, number: int) -> bytes:
    first = _LINE_END.search(content)
    line_end = first.group() if first else b"\n"
    gap = b"" if not content or content.endswith((b"\n", b"\r")) else line_end
    return content + gap + f"{name} = {number}".encode() + line_end
