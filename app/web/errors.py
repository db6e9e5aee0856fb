"""Errors: refusals and accidents as a plain page or as problem JSON, with a number to quote and no insides."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Mapping, Sequence

from flask import Flask, Response, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user
from werkzeug.exceptions import HTTPException

from app.values.errors import Busy, Conflict, Forbidden, Invalid, NotAskable, NotFound, Refusal, TooBig
from app.values.words import say

_LOG = logging.getLogger(__name__)

_STATUS: dict[type[Refusal], int] = {
    NotFound: 404,
    Forbidden: 403,
    NotAskable: 422,
    Invalid: 400,
    Conflict: 409,
    TooBig: 413,
    Busy: 429,
}

_TITLES = {
    400: say("That did not work"),
    401: say("Sign in first"),
    403: say("Not for you"),
    404: say("Nothing here"),
    405: say("Not like this"),
    406: say("Not in that form"),
    409: say("Somebody was quicker"),
    412: say("Somebody was quicker"),
    413: say("Too big"),
    415: say("Not in that form"),
    422: say("That cannot be asked"),
    428: say("Read it first"),
    429: say("A little slower, please"),
    500: say("Something broke on our side"),
    503: say("Not available just now"),
}

_SENTENCES = {
    400: say("The request could not be understood."),
    404: say("There is no such page, or it is not for you."),
    405: say("This address does not take that kind of request."),
    413: say("What was sent is too big."),
}


_SECRET_PLACES = ("/paper/", "/screen/", "/unsubscribe/")
"""Beginnings of paths whose remainder opens something by itself."""


def answer_errors(server: Flask) -> None:
    """Register the one translation of errors for the web."""

    @server.errorhandler(Refusal)
    def refused(refusal: Refusal) -> ResponseReturnValue:
        return problem(status_of(refusal), refusal.sentence)

    @server.errorhandler(HTTPException)
    def http(error: HTTPException) -> ResponseReturnValue:
        status = error.code or 500
        if error.response is not None or status < 400:
            return error
        if type(error).__name__ == "CSRFError":
            told = say("This page was open for too long. Go back, load it again and repeat what you did.")
            return problem(status, told)
        answer = problem(status, _SENTENCES.get(status, say("The request was refused.")))
        if allowed := getattr(error, "valid_methods", None):
            answer.headers["Allow"] = ", ".join(allowed)
        return answer

    @server.errorhandler(Exception)
    def broken(error: Exception) -> ResponseReturnValue:
        reference = correlation_id()
        _LOG.error("%s %s failed (%s)", request.method, _address(), reference, exc_info=error)
        return problem(500, say("It is noted and will be looked at."), reference)

    @server.after_request
    def number(response: Response) -> Response:
        response.headers["X-Request-ID"] = correlation_id()
        return response


def _address() -> str:
    """The path as a log may hold it."""
    place = next((each for each in _SECRET_PLACES if request.path.startswith(each)), None)
    return request.path if place is None else f"{place}…"


def status_of(refusal: Refusal) -> int:
    """The HTTP status of a refusal."""
    return next((status for kind, status in _STATUS.items() if isinstance(refusal, kind)), 400)


def problem(
    status: int, sentence: str, reference: str | None = None, *, errors: Sequence[Mapping[str, str]] = ()
) -> Response:
    """An error as the caller can read it: programs get problem JSON (RFC 9457), people a page.

    `errors` tells programs of each part that is wrong: `{"path": "body.limit", "sentence": …}`.
    """
    reference = reference or correlation_id()
    title = _TITLES.get(status, _TITLES[400])
    if _is_for_a_program():
        told = {"type": "about:blank", "title": title, "status": status, "detail": sentence, "reference": reference}
        answer = jsonify(told | ({"errors": list(errors)} if errors else {}))
        answer.mimetype = "application/problem+json"
    else:
        page = render_template(
            "error.html", title=title, sentence=sentence, reference=reference, is_known=current_user.is_authenticated
        )
        answer = Response(page, mimetype="text/html")
    answer.status_code = status
    return answer


def correlation_id() -> str:
    """The number of this request, the same in the log, the page and the header."""
    number = request.environ.get("salient.request")
    if number is None:
        number = request.environ["salient.request"] = secrets.token_hex(6)
    return str(number)


def _is_for_a_program() -> bool:
    if request.path.startswith(("/_", "/api", "/graphql", "/mcp", "/healthz", "/readyz", "/metrics")):
        return True
    best = request.accept_mimetypes.best_match(["text/html", "application/json"], default="text/html")
    return best == "application/json" and "text/html" not in request.headers.get("Accept", "")
