"""Language: in which one a request is answered, and the word `_` for the templates."""

from __future__ import annotations

from typing import Any

from flask import Flask, g, has_request_context, request
from flask_login import current_user

from app.values.words import LANGUAGES, words
from app.web.front import FrontDoor


def speak(server: Flask, front: FrontDoor) -> None:
    """Give every template `_` (a text in the reader's language), `n` (one that depends on a number) and `lang`."""

    @server.context_processor
    def language() -> dict[str, Any]:
        locale = locale_of_request(front)
        t = words(locale)
        return {"_": t, "n": t.n, "lang": locale}


def locale_of_request(front: FrontDoor) -> str:
    """That of the page of an embed, or of whoever is signed in; for strangers the browser's, or else the company's."""
    if has_request_context():
        if "locale" in g:
            return str(g.locale)
        if current_user.is_authenticated:
            return str(current_user.viewer.context.locale)
        if request.accept_languages:
            wanted = request.accept_languages.best_match(list(LANGUAGES))
            if wanted is not None:
                return str(wanted)
    return front.terms().locale
