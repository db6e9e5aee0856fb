"""Door: how an operation of the API is declared, once, so that what it does and what the document says cannot differ.

A module per resource, listed in `app/web/api/__init__.py`, with `add(door)`:

    def add(door: Door) -> None:
        @door.operation("GET", "/notes", scope="read", query=Paged, answers=Page[NoteTold])
        def index(call: Call) -> Page[NoteTold]:
            "Your notes, the newest first."                    # first line: summary; the rest: description
            with call.reading() as session:
                found = notes.own(session, call.viewer)
            return call.page([told(each) for each in found], key=lambda note: (note.made, note.id))

        @door.operation("GET", "/notes/{note}", scope="read", answers=NoteTold, etag=True)
        def show(call: Call, note: str) -> NoteTold:
            "One note."
            with call.reading() as session:
                return told(notes.find(session, call.viewer, note))

        @door.operation("PATCH", "/notes/{note}", scope="write", takes=NoteChange, answers=NoteTold, matches=show)
        def change(call: Call, note: str) -> NoteTold:
            "Change a note."
            return told(notes.change(call.session, call.viewer, note, call.body.text, now=call.now))

        @door.operation("POST", "/notes", scope="write", takes=NewNote, answers=NoteTold, status=201)
        def create(call: Call) -> Answer:
            "Write a note."
            made = notes.create(call.session, call.viewer, call.body.text, now=call.now)
            return Answer(told(made), headers={"Location": f"{HERE}/notes/{made.id}"})

        @door.operation("DELETE", "/notes/{note}", scope="write", status=204)
        def remove(call: Call, note: str) -> None: ...

Models: `Sent` for bodies, `Asked`/`Paged` for queries (use `Count`, `Flag` there), `Told` for answers; each has a
name of its own in the whole API. Services raise Refusals, which become problems; never build an error yourself.
What every operation gets: who asks (a token with the `scope`, or the signed-in session with the CSRF header unless
it only reads), the role's `permission` (that of the scope unless named), 406, strict JSON up to `largest` bytes,
unknown fields and parameters refused by name, HEAD, OPTIONS. A write (no GET, unless `writes=False`) runs in one
transaction, `call.session`, and takes Idempotency-Key: its effect and its kept answer are one commit.
`holds_secret=True` for an answer that is shown once: it is never kept, so the operation takes no key.
`etag=True`: the answer has an ETag, If-None-Match gives 304. `matches=show`: If-Match is required (428) and compared
(412) with what `show` answers now. `media` lists what `Accept` may ask for; `call.media` is what is wanted then,
answered as `Answer(bytes, media=…)`.
`files` are media types of a body in bytes, `call.body`. `keeps_keys=True`, with `writes=False`: the handler has
transactions of its own, and keeps an answer for `call.key` itself, where `call.fingerprint` tells requests apart.
`deprecated`/`sunset` (days): the headers, and the mark in the document.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, Any, TypeVar

from flask import Blueprint, Response, request
from flask_login import current_user
from flask_wtf.csrf import validate_csrf
from pydantic import BaseModel
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as TooManyAtOnce
from sqlalchemy.orm import Session
from werkzeug.http import http_date

from app.services.requests import rights_of
from app.values.errors import Forbidden, NotFound, Refusal
from app.values.viewer import Viewer
from app.values.words import say
from app.web.api import cursors
from app.web.api.answering import Answer, Given, is_seen, response, wanted
from app.web.api.once import HEADER, Running, fingerprint, key_of, once
from app.web.api.rejected import Rejected
from app.web.api.shapes import Page
from app.web.api.strict import JSON, read_body, read_bytes, read_query
from app.web.errors import problem, status_of
from app.web.pace import Pace

if TYPE_CHECKING:
    from app.assembly import House

__all__ = ["HERE", "SCOPES", "Answer", "Call", "Door", "Handler", "Operation"]

HERE = "/api/v1"
SCOPES: Mapping[str, str] = {
    "read": "dashboards",
    "rows": "rows",
    "export": "export",
    "write": "dashboards",
    "ingest": "ingest",
    "embed": "embed",
    "webhooks": "webhooks",
    "admin": "",
}
"""Scope of a token → the permission that its operations need unless they name another ("" for none)."""

_LOG = logging.getLogger(__name__)
_ASKING = frozenset({"person", "token"})
SAFE = frozenset({"GET", "HEAD"})
LARGEST_BODY = 64 * 1024

Item = TypeVar("Item", bound=BaseModel)
Handler = Callable[..., Given]


@dataclass(frozen=True)
class Operation:
    """What was declared; the document is made of it."""

    method: str
    path: str
    scope: str
    permission: str
    takes: type[BaseModel] | None
    query: type[BaseModel] | None
    answers: type[BaseModel] | None
    status: int
    media: tuple[str, ...]
    largest: int
    etag: bool
    matches: Handler | None
    writes: bool
    holds_secret: bool
    files: tuple[str, ...]
    keeps_keys: bool
    deprecated: date | None
    sunset: date | None
    handler: Handler

    @property
    def takes_key(self) -> bool:
        """Whether the same request may be sent again under an Idempotency-Key."""
        return self.keeps_keys or (self.writes and not self.holds_secret)

    @property
    def place(self) -> str:
        """The path as Flask writes it."""
        return HERE + self.path.replace("{", "<").replace("}", ">")


@dataclass(frozen=True)
class Call:
    """One request, read and admitted. `body` and `query` are of the declared models."""

    door: Door
    operation: Operation
    viewer: Viewer
    now: datetime
    body: Any = None
    query: Any = None
    media: str = JSON
    written: Session | None = None

    @property
    def key(self) -> str | None:
        """The Idempotency-Key, if there is one. Rejected (400) for what is none."""
        return key_of()

    @property
    def sent_as(self) -> str:
        """The media type of the body."""
        return request.mimetype

    @property
    def fingerprint(self) -> str:
        """What is asked: method, address and body."""
        return fingerprint()

    @property
    def house(self) -> House:
        """The house."""
        return self.door.house

    @property
    def session(self) -> Session:
        """The one transaction of a write."""
        if self.written is None:
            raise RuntimeError("only a write has a transaction of its own")
        return self.written

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A transaction to read in: that of the write, if this is one."""
        if self.written is not None:
            yield self.written
            return
        with self.house.database.read() as session:
            yield session

    @property
    def after(self) -> tuple[Any, ...] | None:
        """The place that the cursor of the query names; None on the first page."""
        text = self.query.cursor
        return None if text is None else cursors.position(self.house.secret, self.operation.path, text)

    def cursor(self, position: Sequence[Any]) -> str:
        """The cursor of a place in this list."""
        return cursors.cursor(self.house.secret, self.operation.path, position)

    def page(
        self, items: Sequence[Item], key: Callable[[Item], tuple[Any, ...]], *, reverse: bool = False
    ) -> Page[Item]:
        """The asked page of a whole list, ordered by `key`: texts and numbers that tell every two items apart."""
        after, limit = self.after, self.query.limit
        ordered = sorted(items, key=key, reverse=reverse)
        if after is not None:
            ordered = [each for each in ordered if (key(each) < after if reverse else key(each) > after)]
        shown = ordered[:limit]
        return Page(items=shown, next=self.cursor(key(shown[-1])) if len(ordered) > limit else None)


@dataclass(frozen=True)
class Door:
    """What a resource is added to."""

    house: House
    viewer: Callable[[], Viewer]
    clock: Callable[[], datetime]
    blueprint: Blueprint
    pace: Pace
    operations: list[Operation] = field(default_factory=list)
    running: Running = field(default_factory=Running)

    def operation(
        self,
        method: str,
        path: str,
        *,
        scope: str,
        permission: str | None = None,
        takes: type[BaseModel] | None = None,
        query: type[BaseModel] | None = None,
        answers: type[BaseModel] | None = None,
        status: int = 200,
        media: tuple[str, ...] = (JSON,),
        largest: int = LARGEST_BODY,
        etag: bool = False,
        matches: Handler | None = None,
        writes: bool | None = None,
        holds_secret: bool = False,
        files: tuple[str, ...] = (),
        keeps_keys: bool = False,
        deprecated: date | None = None,
        sunset: date | None = None,
    ) -> Callable[[Handler], Handler]:
        """Declare an operation; the function stays as it is. Parts of the path in {braces} are its arguments."""
        if permission is None and not SCOPES[scope]:
            raise ValueError(f"{method} {path} names no permission")

        def declare(handler: Handler) -> Handler:
            declared = Operation(
                method=method,
                path=path,
                scope=scope,
                permission=SCOPES[scope] if permission is None else permission,
                takes=takes,
                query=query,
                answers=answers,
                status=status,
                media=() if answers is None and media == (JSON,) else media,
                largest=largest,
                etag=etag,
                matches=matches,
                writes=method not in SAFE if writes is None else writes,
                holds_secret=holds_secret,
                files=files,
                keeps_keys=keeps_keys,
                deprecated=deprecated,
                sunset=sunset,
                handler=handler,
            )
            self._open(declared)
            return handler

        return declare

    def _open(self, declared: Operation) -> None:
        def view(**parts: str) -> Response:
            viewer, now = self.viewer(), self.clock()
            spent = self.pace.spend(_principal(viewer), now)

            def answer() -> Response:
                if spent.wait_s:
                    raise Rejected(429, spent.sentence)
                return _answered(self, declared, viewer, now, parts)

            given = _told(declared, answer)
            given.headers.update(spent.headers)
            return given

        self.operations.append(declared)
        name = f"{declared.method} {declared.path}".replace(".", "-")
        options = {"methods": [declared.method], "provide_automatic_options": False}
        self.blueprint.add_url_rule(declared.place.removeprefix(HERE), name, view, **options)  # type: ignore[arg-type]


def _told(declared: Operation, answer: Callable[[], Response]) -> Response:
    """The answer, or the problem that stands in its way, with what is said of every answer of the operation."""
    try:
        given = answer()
    except Refusal as refusal:
        given = problem(status_of(refusal), refusal.sentence)
    except Rejected as rejected:
        given = problem(rejected.status, rejected.sentence, errors=rejected.errors)
        given.headers.update(rejected.headers)
    except (OperationalError, TooManyAtOnce):
        _LOG.warning("the application database does not answer", exc_info=True)
        given = problem(503, say("The database is busy. Try again in a moment."))
        given.headers["Retry-After"] = "1"
    if declared.deprecated is not None:
        given.headers["Deprecation"] = f"@{int(_midnight(declared.deprecated).timestamp())}"
    if declared.sunset is not None:
        given.headers["Sunset"] = http_date(_midnight(declared.sunset))
    return given


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _principal(viewer: Viewer) -> str:
    return f"{viewer.kind}:{viewer.id}"


def _answered(door: Door, declared: Operation, viewer: Viewer, now: datetime, parts: Mapping[str, str]) -> Response:
    _admit(declared, viewer)
    media = wanted(declared.media)
    if any("\x00" in part for part in parts.values()):
        raise NotFound("There is nothing at this address.")
    call = Call(
        door,
        declared,
        viewer,
        now,
        body=_body(declared),
        query=read_query(request, declared.query),
        media=media,
    )
    if declared.matches is not None and "If-Match" not in request.headers:
        raise Rejected(428, say("Say in If-Match which state you have seen: the ETag of what is changed."))
    if not declared.writes:
        return _given(call, parts)
    if declared.takes_key and HEADER in request.headers:
        principal = _principal(viewer)
        return once(
            door.running,
            door.house.database,
            principal,
            rights_of(viewer),
            call.now,
            lambda own: _written(replace(call, written=own), parts),
        )
    with door.house.database.write() as session:
        return _written(replace(call, written=session), parts)


def _body(declared: Operation) -> Any:
    if declared.files:
        return read_bytes(request, declared.files, declared.largest)
    return None if declared.takes is None else read_body(request, declared.takes, declared.largest)


def _given(call: Call, parts: Mapping[str, str]) -> Response:
    declared = call.operation
    return response(declared.handler(call, **parts), declared.status, declared.media, etag=declared.etag)


def _written(call: Call, parts: Mapping[str, str]) -> Response:
    declared = call.operation
    if declared.matches is not None and not is_seen(declared.matches(call, **parts)):
        raise Rejected(412, say("Somebody changed it since: read it again."))
    return _given(call, parts)


def _admit(declared: Operation, viewer: Viewer) -> None:
    """Forbidden, in a sentence that names the scope or the right that is missing."""
    if viewer.kind not in _ASKING:
        raise Forbidden("This is for programs with a token, and for people who are signed in.")
    token = getattr(current_user, "token", None)
    if token is not None and declared.scope not in token.scopes:
        raise Forbidden("This takes a token with the scope {scope}.", scope=declared.scope)
    if viewer.kind == "person" and declared.method not in SAFE:
        try:
            validate_csrf(request.headers.get("X-CSRFToken"))
        except ValueError as error:
            raise Forbidden("A signed-in browser sends the header X-CSRFToken; a program uses a token.") from error
    if token is not None and declared.permission and not viewer.may(declared.permission):
        told = "This takes the permission {permission}: of the role of the token's owner, and of its scopes."
        raise Forbidden(told, permission=declared.permission)
    if declared.permission:
        viewer.require(declared.permission)
