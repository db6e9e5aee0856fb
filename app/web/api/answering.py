"""Answering: what an operation gives, as the response of a request: media type, ETag, nothing where nothing changed."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from flask import Response, request
from pydantic import BaseModel

from app.values.words import say
from app.web.api.rejected import Rejected
from app.web.api.strict import JSON


@dataclass(frozen=True)
class Answer:
    """An answer with headers, with another status, or in bytes of a media type that is not JSON."""

    body: BaseModel | bytes | None
    headers: Mapping[str, str] = field(default_factory=dict)
    status: int | None = None
    media: str = JSON


Given = BaseModel | Answer | None


def wanted(media: tuple[str, ...]) -> str:
    """Which of the media types is wanted most; the first where nothing is said. Rejected (406) for none of them."""
    if not media or not request.headers.get("Accept"):
        return media[0] if media else JSON
    best = request.accept_mimetypes.best_match(media)
    if best is None:
        raise Rejected(406, say("This is answered as {kinds}.", kinds=", ".join(media)))
    return best


def is_seen(current: Given) -> bool:
    """Whether If-Match names the state as it is now."""
    state = current.body if isinstance(current, Answer) else current
    return request.if_match.contains(_etag(_bytes(state)))


def response(given: Given, status: int, media: tuple[str, ...], *, etag: bool) -> Response:
    """What is sent. Without `media` there is no body."""
    answer = given if isinstance(given, Answer) else Answer(given)
    body = _bytes(answer.body)
    made = Response(body, answer.status or status, mimetype=answer.media if media else None)
    if not media:
        made.headers.pop("Content-Type", None)
    made.headers.update(answer.headers)
    if len(media) > 1:
        made.headers["Vary"] = "Accept"
    if etag:
        made.set_etag(_etag(body))
        made.make_conditional(request)
    return made


def _etag(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()[:24]


def _bytes(body: BaseModel | bytes | None) -> bytes:
    if isinstance(body, BaseModel):
        return body.__pydantic_serializer__.to_json(body, by_alias=True)
    return body or b""
