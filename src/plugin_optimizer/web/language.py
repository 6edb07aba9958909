"""Which language the texts of an answer are in: `?lang=`, else Accept-Language, else Korean."""

from flask import Request

from .problem import Problem

LANGUAGES = ("ko", "en")


def language(request: Request) -> str:
    """Return `ko` or `en`; raise Problem 400 for another `?lang=`."""
    asked = request.args.get("lang")
    if asked is not None and asked not in LANGUAGES:
        raise Problem(400, "invalid_field", f"lang is {asked[:20]!r}; expected ko or en")
    return asked or request.accept_languages.best_match(LANGUAGES) or "ko"
