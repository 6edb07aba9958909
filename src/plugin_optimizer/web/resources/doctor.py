"""The doctor over HTTP."""

import msgspec

from ...domain import Message
from ...wording import help_for, render_about
from ..doctor import examine
from ..paging import Identifier
from ..route import Answer, Call, Role, Route, Strict


class DoctorQuery(Strict, frozen=True, kw_only=True):
    plugin_id: Identifier | None = None


class AnswerView(msgspec.Struct, frozen=True, kw_only=True):
    code: str
    text: str
    help: str | None
    plugin_id: str | None


class QuestionView(msgspec.Struct, frozen=True, kw_only=True):
    question: str
    text: str
    answer: tuple[AnswerView, ...]


class DoctorView(msgspec.Struct, frozen=True, kw_only=True):
    questions: tuple[QuestionView, ...]


def ask_doctor(call: Call, query: DoctorQuery) -> Answer:
    return Answer(doctor_view(call, query.plugin_id))


def doctor_view(call: Call, plugin_id: str | None) -> DoctorView:
    questions = tuple(
        QuestionView(
            question=question.name,
            text=render_about(Message(f"question_{question.name}", {}), call.lang),
            answer=tuple(_answer(message, call.lang) for message in question.answers),
        )
        for question in examine(call, plugin_id)
    )
    return DoctorView(questions=questions)


def _answer(message: Message, lang: str) -> AnswerView:
    plugin_id = message.params.get("plugin_id")
    return AnswerView(
        code=message.code,
        text=render_about(message, lang),
        help=help_for(message, lang),
        plugin_id=plugin_id if isinstance(plugin_id, str) else None,
    )


ROUTES = (Route("GET", "/doctor", Role.VIEWER, ask_doctor, "Ask why nothing happens", DoctorView, DoctorQuery),)
