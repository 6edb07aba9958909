"""Every code that the product can say has a sentence in both languages."""

import ast
import string
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugin_optimizer.domain import (
    ExecutionState,
    FindingKind,
    Message,
    Metric,
    Mode,
    Outcome,
    Policy,
    SuggestionState,
    SuggestionType,
)
from plugin_optimizer.execute.rails import RAILS
from plugin_optimizer.models.shares import Bottleneck
from plugin_optimizer.wording import LANGUAGES, help_for, known_codes, render, render_about
from plugin_optimizer.wording.engine_texts import HELP
from plugin_optimizer.wording.names import METRICS, MODES, POLICY_FIELDS, STATES, TYPES
from plugin_optimizer.wording.sentence import OPTIONAL, TEXTS, TOPICS

SOURCES = Path(__file__).resolve().parents[2] / "src" / "plugin_optimizer"
# Codes put together at run time: the part that varies is an enumeration.
COMPOSED = {
    "finding_": [kind.value for kind in FindingKind],
    "verdict_": [outcome.value for outcome in Outcome],
    "limited_by_": [bottleneck.value for bottleneck in Bottleneck],
    "mark_": ["execution", "rollback", "setting", "restart", "deployment"],
    "gate_": [
        *("not_finite", "too_large", "negative", "ratio_above_one", "not_a_count", "from_the_future", "too_old"),
        *("duplicate", "back_dated", "implausible_zero", "frozen", "reset", "series_limit"),
    ],
    "check_": [
        *("suggestion", "change", "revision", "audit", "stop", "mode", "alone", "readable", "value", "fence"),
        *(rail.__name__ for rail in RAILS),
    ],
    "metrics_in_": [
        *("figures", "labels", "service", "series_limit", "too_many_points", "too_many_requests", "content_too_large"),
        *("inflation_too_large", "malformed", "senders_busy", "inbox_full", "protobuf_missing", "off"),
    ],
    "profile_": ["shared_threads", "already_tracing", "no_thread", "too_much", "cost_cpu", "cost_memory"],
    "question_": ["no_suggestions", "execution_failed", "dashboard_empty"],
}


def constants() -> dict[str, list[str]]:
    """The texts of every constant of the source: a name in capitals with a text, or a dict of texts."""
    found: dict[str, list[str]] = {}
    for path in SOURCES.rglob("*.py"):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id.isupper():
                values = node.value.values if isinstance(node.value, ast.Dict) else [node.value]
                texts = [
                    v.value
                    for v in values
                    if isinstance(v, ast.Constant) and isinstance(v.value, str) and v.value.isidentifier()
                ]
                found.setdefault(node.targets[0].id, []).extend(texts)
    return found


CONSTANTS = constants()


def literals(node: ast.AST) -> Iterator[str]:
    """The texts an expression can have: itself, a constant, an entry of a table, both branches of a choice."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.Name):
        yield from CONSTANTS.get(node.id, ())
    elif isinstance(node, ast.Subscript):
        yield from literals(node.value)
    elif isinstance(node, ast.IfExp):
        yield from literals(node.body)
        yield from literals(node.orelse)


def codes_of(path: Path) -> Iterator[str]:
    """The codes in `Message(…)` calls, and in what is named or passed as `code` in the same file."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Message" and node.args:
            yield from literals(node.args[0])
        if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == "code" for t in node.targets):
            yield from literals(node.value)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "_give_up":
            yield from literals(node.args[1])


def used_codes() -> set[str]:
    own = {code for path in SOURCES.rglob("*.py") if path.name != "problem.py" for code in codes_of(path)}
    titles = {SuggestionType.INCREASE_WORKERS.value, SuggestionType.DECREASE_WORKERS.value}
    return own | titles | {prefix + end for prefix, ends in COMPOSED.items() for end in ends}


def test_no_code_is_without_a_sentence() -> None:
    """Greps the whole source: whoever adds a Message adds its words in both languages."""
    assert sorted(used_codes() - known_codes()) == []


def test_no_code_is_said_in_two_places() -> None:
    """Each code stands in one topic only."""
    assert len(TEXTS) == sum(len(topic) for topic in TOPICS)


def fields(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(OPTIONAL.sub(r"\1", template)) if name}


@pytest.mark.parametrize("code", sorted(TEXTS))
def test_both_languages_say_the_same(code: str) -> None:
    """The same parameters in Korean and in English; neither is empty, and the Korean one is Korean."""
    text = TEXTS[code]
    assert fields(text.ko) == fields(text.en)
    assert text.ko
    assert text.en
    assert any("가" <= c <= "힣" for c in text.ko) or code.startswith("mark_")


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("code", sorted(TEXTS))
def test_a_sentence_without_parameters_is_still_a_sentence(code: str, lang: str) -> None:
    """Missing parameters are dashes; nothing raises, no brace is left."""
    said = render(Message(code, {}), lang)
    assert said
    assert not set("{}[]") & set(said)


@given(
    st.text(max_size=20),
    st.dictionaries(
        st.text(max_size=12), st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12)
    ),
    st.sampled_from([*LANGUAGES, "fr"]),
)
def test_an_unknown_code_is_shown_not_raised(code: str, params: dict[str, object], lang: str) -> None:
    """Whatever a plug-in says, the answer shows its code and parameters."""
    said = render(Message(code, params), lang)  # type: ignore[arg-type]
    assert code in said or code in TEXTS


@given(st.sampled_from(sorted(TEXTS)), st.integers() | st.floats() | st.text(max_size=8) | st.none())
def test_any_value_can_be_said(code: str, value: object) -> None:
    """Huge, negative, NaN, empty: every parameter of every sentence."""
    params = dict.fromkeys(fields(TEXTS[code].ko), value)
    for lang in LANGUAGES:
        assert isinstance(render_about(Message(code, params), lang), str)  # type: ignore[arg-type]


def test_help_belongs_to_something_that_is_said() -> None:
    """No help without its sentence; help has both languages, too."""
    assert set(HELP) <= known_codes()
    assert all(help_for(Message(code, {}), lang) for code in HELP for lang in LANGUAGES)


def test_everything_with_a_name_has_one() -> None:
    """States, types, metrics, modes and policy fields: none is shown as a bare code."""
    assert {s.value for s in (*ExecutionState, *SuggestionState)} <= set(STATES)
    assert {t.value for t in SuggestionType} == set(TYPES)
    assert {m.value for m in Metric} == set(METRICS)
    assert {m.value for m in Mode} == set(MODES)
    assert set(Policy.__dataclass_fields__) == set(POLICY_FIELDS)
