"""Signing in and out: guesses slowed down, no word on which accounts exist, every sign-in on the ledger."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from app.auth import sessions, throttle
from app.auth.passwords import is_right
from app.auth.sessions import SignedIn
from app.models.database import Database
from app.models.user import User, fold_email
from app.services import accounts
from app.services.ledger import record
from app.values.errors import Forbidden, Refusal
from app.values.viewer import Viewer

WRONG = "That address and password do not belong together."


class TooFast(Refusal):
    """Too many tries of late: wait `seconds` before the next."""

    def __init__(self, seconds: int) -> None:
        super().__init__("Too many tries. Wait a little before the next one.")
        self.seconds = seconds


@dataclass(frozen=True)
class Browser:
    """Where a request comes from."""

    address: str
    name: str


def sign_in(
    database: Database, email: str, password: str, browser: Browser, now: datetime, *, demo: bool = False
) -> str:
    """A new session's token for the right password; the demo company's people have none but in demo mode.

    Raises Forbidden, always with the same sentence and after the same work, or TooFast, be there an account or not.
    """
    folded = fold_email(email)[:254]
    attempt = _try(database, folded, browser, now)
    with database.read() as session:
        user = session.scalar(select(User).where(User.email == folded))
    if not is_right(password, user.password_hash if user else None) or user is None or (user.persona and not demo):
        raise Forbidden(WRONG)
    with database.write() as session:
        # Read again under the lock: what happened while the password was checked counts.
        current = session.get(User, user.id, with_for_update=True)
        if current is None or not current.active or current.password_hash != user.password_hash:
            raise Forbidden(WRONG)
        throttle.note_success(session, attempt)
        token = sessions.begin(session, current, now, address=browser.address, browser=browser.name)
        record(session, f"person:{current.id}", "signed-in", f"user:{current.id}", {"by": "password"}, at=now)
    return token


def sign_in_as_persona(database: Database, email: str, browser: Browser, now: datetime) -> str:
    """A new session's token for one of the demo company's people, without a password: for demo mode only.

    Raises Forbidden for everybody else.
    """
    with database.write() as session:
        user = session.scalar(select(User).where(User.email == fold_email(email), User.persona, User.active))
        if user is None:
            raise Forbidden(WRONG)
        token = sessions.begin(session, user, now, address=browser.address, browser=browser.name)
        record(session, f"person:{user.id}", "signed-in", f"user:{user.id}", {"by": "demo"}, at=now)
    return token


def prove(database: Database, signed_in: SignedIn, password: str, browser: Browser, now: datetime) -> None:
    """The person at the keyboard gives the own password again. Raises Forbidden or TooFast."""
    email = signed_in.person.email
    attempt = _try(database, email, browser, now)
    with database.read() as session:
        user = session.get(User, signed_in.person.id)
    if not is_right(password, user.password_hash if user else None):
        raise Forbidden("That is not your password.")
    with database.write() as session:
        throttle.note_success(session, attempt)
        sessions.prove(session, signed_in, now)


def sign_out(database: Database, viewer: Viewer, now: datetime, *, action: str = "signed-out") -> None:
    """End every session of the person, on every browser."""
    with database.write() as session:
        sessions.end_all(session, int(viewer.id))
        record(session, viewer, action, f"user:{viewer.id}", at=now)


def change_password(
    database: Database, signed_in: SignedIn, viewer: Viewer, current: str, new: str, browser: Browser, now: datetime
) -> str:
    """A new password against the current one; every session ends, and this browser gets a new one's token.

    Raises Forbidden or TooFast for the current password, Invalid for the new one.
    """
    prove(database, signed_in, current, browser, now)
    with database.write() as session:
        user = accounts.set_password(session, viewer, viewer.email, new, now=now)
        return sessions.begin(session, user, now, address=browser.address, browser=browser.name)


def _try(database: Database, email: str, browser: Browser, now: datetime) -> int:
    account = throttle.account_hash(email)
    with database.write() as session:
        attempt = throttle.note_try(session, account, browser.address, now)
    if attempt is None:
        with database.read() as session:
            raise TooFast(max(1, throttle.seconds_to_wait(session, account, browser.address, now)))
    return attempt
