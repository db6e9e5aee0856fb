"""The door of GraphQL: one question in a POST of plain JSON, one answer; refusals are sentences, accidents a number."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import orjson
import strawberry
from flask import Blueprint, Response, request
from graphql import GraphQLError, OperationDefinitionNode, OperationType

from app.questions import PERMISSION
from app.values.errors import Busy, Forbidden, Invalid, Refusal, TooBig
from app.values.json_text import read_json
from app.values.viewer import Viewer
from app.values.words import say, words
from app.web.errors import correlation_id, status_of
from app.web.graphql import limits
from app.web.graphql.asking import Asking
from app.web.graphql.schema import schema
from app.web.pace import Spent

if TYPE_CHECKING:
    from app.assembly import House

HERE = "/graphql"
LARGEST_BODY = 64 * 1024
MOST_ERRORS = 20
BROKEN = say("Something broke on our side. It is noted and will be looked at.")

_LOG = logging.getLogger(__name__)
_PARTS = ("query", "variables", "operationName", "extensions")


@dataclass(frozen=True)
class Sent:
    """What was sent: a document, its variables, and which of its operations is meant."""

    document: str
    variables: Mapping[str, Any] = field(default_factory=dict)
    operation: str | None = None


def graph(house: House, current_viewer: Callable[[], Viewer], spend: Callable[[str, datetime], Spent]) -> Blueprint:
    """`POST /graphql` and `GET /graphql/schema`, behind the guard; `spend` counts what somebody asks."""
    pages, known = Blueprint("graphql", __name__), schema()

    @pages.route(HERE, methods=["GET", "POST"], provide_automatic_options=False)
    def ask() -> Response:
        viewer = current_viewer()
        spent = spend(f"{viewer.kind}:{viewer.id}", datetime.now(UTC))
        answer = answered(viewer, spent)
        answer.headers.update(spent.headers)
        return answer

    def answered(viewer: Viewer, spent: Spent) -> Response:
        try:
            viewer.require(PERMISSION)
            if spent.wait_s:
                raise Busy(spent.sentence)
            if request.method != "POST":
                answer = _told(405, [_error(say("Questions are sent by POST."), viewer)])
                answer.headers["Allow"] = "POST"
                return answer
            return _answered(known, house, viewer, _sent())
        except Refusal as refusal:
            return _told(status_of(refusal), [_error(refusal.sentence, viewer, type(refusal).__name__)])

    @pages.get(f"{HERE}/schema")
    def tell() -> Response:
        current_viewer().require(PERMISSION)
        answer = Response(str(known), mimetype="text/plain")
        answer.headers["Content-Disposition"] = 'attachment; filename="salient.graphql"'
        return answer

    return pages


def _sent() -> Sent:
    """What the body says. Raises Invalid or TooBig for anything but one plain question."""
    if request.mimetype != "application/json":
        raise Invalid("Send JSON, as application/json.")
    if (request.content_length or 0) > LARGEST_BODY:
        raise TooBig("What was sent has more than {most:,} bytes.", most=LARGEST_BODY)
    # Whoever does not say how much comes is stopped while it comes.
    request.max_content_length = LARGEST_BODY
    body = read_json(request.get_data(), LARGEST_BODY)
    if isinstance(body, list):
        raise Invalid("One question at a time: a list of them is not answered.")
    if not isinstance(body, dict):
        raise Invalid("Send an object with the question under query.")
    for name in body:
        if name not in _PARTS:
            raise Invalid("There is no part {name!r}: send {known}.", name=name[:40], known=", ".join(_PARTS))
    document, variables, operation = body.get("query"), body.get("variables"), body.get("operationName")
    if not isinstance(document, str) or not document.strip():
        raise Invalid("Send an object with the question under query.")
    if not isinstance(variables, dict | None) or not isinstance(operation, str | None):
        raise Invalid("Variables are an object, and operationName is a text.")
    return Sent(document, variables or {}, operation)


def _answered(known: strawberry.Schema, house: House, viewer: Viewer, sent: Sent) -> Response:
    document = limits.read(sent.document)
    limits.check(document, sent.variables)
    operations = [each for each in document.definitions if isinstance(each, OperationDefinitionNode)]
    names = [each.name.value if each.name is not None else None for each in operations]
    if not (sent.operation in names if sent.operation is not None else len(names) == 1):
        raise Invalid("Say under operationName which of the operations is meant.")
    if any(each.operation is not OperationType.QUERY for each in operations):
        raise Forbidden("Nothing is changed here: only questions are answered.")
    try:
        result = asyncio.run(
            known.execute(
                sent.document,
                variable_values=dict(sent.variables),
                context_value=Asking.of(house, viewer),
                operation_name=sent.operation,
            )
        )
    except Exception:
        _LOG.exception("GraphQL failed (%s)", correlation_id())
        return _told(200, [_error(BROKEN, viewer, "Broken")])
    errors = [_told_error(each, viewer) for each in _distinct(result.errors or [])]
    status = 400 if result.data is None and all(each.path is None for each in result.errors or []) else 200
    return _told(status, errors, result.data)


def _distinct(errors: list[GraphQLError]) -> list[GraphQLError]:
    """Of the same error at every thing of a list, the first; so many at most."""
    found: dict[tuple[Any, ...], GraphQLError] = {}
    for each in errors:
        path = tuple(step for step in each.path or () if isinstance(step, str))
        found.setdefault((path, each.message), each)
    return list(found.values())[:MOST_ERRORS]


def _told_error(error: GraphQLError, viewer: Viewer) -> dict[str, Any]:
    told = error.formatted
    cause = error.original_error
    if isinstance(cause, Refusal):
        own = _error(cause.sentence, viewer, type(cause).__name__)
    elif cause is None or isinstance(cause, GraphQLError):
        own = _error(error.message, viewer, "Invalid")
    else:
        _LOG.error("GraphQL failed at %s (%s)", error.path, correlation_id(), exc_info=cause)
        own = _error(BROKEN, viewer, "Broken")
    return {**{name: told[name] for name in ("locations", "path") if name in told}, **own}


def _error(sentence: str, viewer: Viewer, code: str = "Invalid") -> dict[str, Any]:
    said = words(viewer.context.locale)(sentence)
    return {"message": said, "extensions": {"code": code, "reference": correlation_id()}}


def _told(status: int, errors: list[dict[str, Any]], data: Any = None) -> Response:
    told: dict[str, Any] = {"errors": errors} if errors else {}
    if data is not None or status == 200:
        told["data"] = data
    return Response(orjson.dumps(told), status, mimetype="application/json")
