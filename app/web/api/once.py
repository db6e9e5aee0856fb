"""Once: a write under an Idempotency-Key has one effect and one answer, however often it is sent."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock

from flask import Response, request
from sqlalchemy.orm import Session

from app.models.database import Database
from app.services import requests
from app.services.requests import Given
from app.values.errors import Conflict
from app.values.words import say
from app.web.api.rejected import Rejected
from queries.warehouse.failpoints import failpoint

HEADER = "Idempotency-Key"
PATTERN = "^[!-~]{1,255}$"
_KEY = re.compile(PATTERN.removeprefix("^").removesuffix("$"), re.ASCII)
_KEPT_HEADERS = ("Content-Type", "ETag", "Location")


@dataclass(frozen=True)
class Running:
    """What this process is answering just now, by principal and key: others need not queue to learn it."""

    known: set[tuple[str, str]] = field(default_factory=set)
    lock: Lock = field(default_factory=Lock)

    @contextmanager
    def alone(self, which: tuple[str, str]) -> Iterator[None]:
        """One at a time. Raises Conflict."""
        with self.lock:
            if which in self.known:
                raise Conflict(requests.RUNNING)
            self.known.add(which)
        try:
            yield
        finally:
            with self.lock:
                self.known.discard(which)


def once(
    running: Running,
    database: Database,
    principal: str,
    rights: str,
    now: datetime,
    write: Callable[[Session], Response],
) -> Response:
    """The answer of `write`, or what it was the first time; its effect and the kept answer are one transaction.

    Under other rights than those of the first time, Conflict: it may tell of what is not to be seen any more.
    """
    key = key_of() or ""
    asked = fingerprint()
    with running.alone((principal, key)):
        with database.glance() as reader:
            before = requests.given_before(reader, principal, key, asked, rights, now)
        if before is not None:
            return _again(before)
        with database.write() as session:
            requests.begin(session, principal, key)
            # Somebody in another process may have been first since.
            before = requests.given_before(session, principal, key, asked, rights, now)
            if before is not None:
                return _again(before)
            answer = write(session)
            failpoint("effect-made")
            headers = {name: answer.headers[name] for name in _KEPT_HEADERS if name in answer.headers}
            given = Given(asked, rights, answer.status_code, headers, answer.get_data())
            requests.keep(session, principal, key, given, now)
            session.flush()
            failpoint("answer-kept")
        failpoint("answer-committed")
        return answer


def key_of() -> str | None:
    """The key of the request, if there is one. Rejected (400) for what is none."""
    key = request.headers.get(HEADER)
    if key is not None and not _KEY.fullmatch(key):
        raise Rejected(400, say("An Idempotency-Key has 1 to 255 visible letters."))
    return key


def fingerprint() -> str:
    """What is asked: method, address and body."""
    told = f"{request.method} {request.full_path}\n{request.headers.get('If-Match', '')}\n".encode()
    return hashlib.sha256(told + request.get_data()).hexdigest()


def _again(before: Given) -> Response:
    answer = Response(before.body, before.status)
    answer.headers.pop("Content-Type", None)
    answer.headers.update(before.headers)
    answer.headers["Idempotency-Replayed"] = "true"
    return answer
