"""Strict: the body and the query of a request, read without a doubt about what was meant."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

import orjson
from flask import Request
from pydantic import BaseModel, ValidationError

from app.values.words import say
from app.web.api.rejected import Rejected

DEEPEST = 16
"""Levels of lists and objects inside each other."""

JSON = "application/json"
_STRING = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
_MOST_TOLD = 20
Model = TypeVar("Model", bound=BaseModel)

_TOLD = {
    "missing": say("This is missing."),
    "extra_forbidden": say("There is no such field."),
    "string_type": say("Write a text."),
    "int_type": say("Write a whole number."),
    "bool_type": say("Write true or false."),
    "list_type": say("Write a list."),
    "dict_type": say("Write an object."),
    "model_type": say("Write an object."),
}


def read_body(request: Request, model: type[Model], largest: int) -> Model:
    """The JSON body as the model. Rejected with 400, 413, 415 or 422 and every part that is wrong."""
    raw = read_bytes(request, (JSON,), largest)
    _check(raw)
    try:
        return model.model_validate_json(raw)
    except ValidationError as error:
        raise _rejected(error, "body") from error


def read_bytes(request: Request, media: Sequence[str], largest: int) -> bytes:
    """The body as it came, of one of the media types. Rejected with 413 or 415."""
    if request.mimetype not in media or request.mimetype_params.get("charset", "utf-8").lower() != "utf-8":
        raise Rejected(415, say("Send {kind}.", kind=", ".join(media)))
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise Rejected(415, say("Send it without compression."))
    request.max_content_length = largest
    if (request.content_length or 0) > largest:
        raise Rejected(413, say("A request is {size} bytes at most here.", size=largest))
    return request.get_data(cache=True, parse_form_data=False)


def read_query(request: Request, model: type[Model] | None) -> Model | None:
    """The query of the address as the model. Rejected with 422 for what is unknown, doubled or wrong."""
    sent: dict[str, str] = {}
    for name, values in request.args.lists():
        if model is None or name not in model.model_fields:
            raise _faulty("query", name, say("There is no such parameter here."))
        if len(values) > 1:
            raise _faulty("query", name, say("Give this once."))
        if "\x00" in values[0]:
            raise _faulty("query", name, say("A text holds no zero character."))
        sent[name] = values[0]
    if model is None:
        return None
    try:
        return model.model_validate(sent)
    except ValidationError as error:
        raise _rejected(error, "query") from error


def _check(raw: bytes) -> None:
    """Rejected for what no two readers of JSON agree about: doubled names, NaN, half characters, zeros, depth."""
    try:
        read = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise Rejected(400, say("This is no JSON: {reason}.", reason=str(error)[:120])) from error
    names = 0
    has_zero = b"\\u0000" in raw
    for held in _walk(read):
        if isinstance(held, dict):
            names += len(held)
        if has_zero:
            texts = [*held, *held.values()] if isinstance(held, dict) else held
            if any(isinstance(text, str) and "\x00" in text for text in texts):
                raise Rejected(400, say("A text holds no zero character."))
    # Outside of texts a colon stands behind a name and nowhere else; of two equal names the reader keeps one.
    if names and _STRING.sub(b"", raw).count(b":") != names:
        raise Rejected(400, say("An object names the same thing twice."))


def _walk(read: Any) -> Iterator[Sequence[Any] | dict[str, Any]]:
    """Every list and object inside, level by level."""
    level = [read] if isinstance(read, dict | list) else []
    depth = 0
    while level:
        depth += 1
        if depth > DEEPEST:
            raise Rejected(400, say("Lists and objects stand in each other {n} deep at most.", n=DEEPEST))
        yield from level
        level = [
            inner
            for held in level
            for inner in (held.values() if isinstance(held, dict) else held)
            if isinstance(inner, dict | list)
        ]


def _faulty(place: str, name: str, sentence: str) -> Rejected:
    return Rejected(422, sentence, (_fault(place, (name,), sentence),))


def _rejected(error: ValidationError, place: str) -> Rejected:
    faults = []
    for each in error.errors(include_url=False, include_context=False, include_input=False)[:_MOST_TOLD]:
        told = str(each["msg"]).removeprefix("Value error, ").removesuffix(".")
        sentence = _TOLD.get(each["type"], f"{told[:1].upper()}{told[1:]}.")
        faults.append(_fault(place, each["loc"], sentence))
    first = faults[0]
    return Rejected(422, f"{first['path']}: {first['sentence']}", tuple(faults))


def _fault(place: str, steps: Sequence[int | str], sentence: str) -> dict[str, str]:
    """`{"path": "body.where[0].level", "sentence": …}`."""
    path = place + "".join(f"[{step}]" if isinstance(step, int) else f".{step[:80]}" for step in steps)
    return {"path": path, "sentence": str(sentence)}
