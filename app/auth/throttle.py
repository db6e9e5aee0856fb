"""Throttle: guessing passwords gets slower and slower, per account and per address, and nobody is locked out."""

from __future__ import annotations

import hashlib
import ipaddress
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, func, select, update
from sqlalchemy.orm import Session

from app.models.attempt import LoginAttempt
from app.models.database import take_turns

WINDOW = timedelta(minutes=15)
_KNOWN_FOR = timedelta(days=30)

# (failures that are free, longest wait in seconds); each further failure doubles the wait, from one second.
_SAME_ACCOUNT_AND_ADDRESS = (5, 300)
_SAME_ACCOUNT = (15, 30)
_SAME_ADDRESS = (40, 60)


def account_hash(email: str) -> str:
    """How attempts name the account that was typed."""
    return hashlib.sha256(email.encode("utf-8", "surrogatepass")).hexdigest()


def network_of(address: str) -> str:
    """What counts as one address: for IPv6 the /64 network, since one caller has all of it."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address[:64]
    if isinstance(parsed, ipaddress.IPv6Address):
        return str(parsed.ipv4_mapped or ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)


def seconds_to_wait(session: Session, account: str, address: str, now: datetime) -> int:
    """How long until the next try is looked at; 0 means now.

    From an address where the account's owner signed in of late, strangers' failures elsewhere do not count:
    otherwise a stranger could keep the owner out.
    """
    address = network_of(address)
    at_account, at_address = LoginAttempt.account == account, LoginAttempt.address == address
    waits = [
        _wait(session, now, _SAME_ACCOUNT_AND_ADDRESS, at_account & at_address, since_success=True),
        _wait(session, now, _SAME_ADDRESS, at_address),
    ]
    if not _is_known(session, account, address, now):
        waits.append(_wait(session, now, _SAME_ACCOUNT, at_account))
    return max(waits)


def note_try(session: Session, account: str, address: str, now: datetime) -> int | None:
    """Write a try down before the password is looked at, so that guesses side by side count too.

    Returns its id, or None if the caller has to wait first.
    """
    take_turns(session, f"sign in {account}")
    if seconds_to_wait(session, account, address, now):
        return None
    session.execute(delete(LoginAttempt).where(LoginAttempt.at < now - _KNOWN_FOR))
    attempt = LoginAttempt(account=account, address=network_of(address), at=now, succeeded=False)
    session.add(attempt)
    session.flush()
    return attempt.id


def note_success(session: Session, attempt_id: int) -> None:
    """The try was good after all."""
    session.execute(update(LoginAttempt).where(LoginAttempt.id == attempt_id).values(succeeded=True))


def _wait(
    session: Session, now: datetime, rule: tuple[int, int], which: ColumnElement[bool], *, since_success: bool = False
) -> int:
    free, longest = rule
    since = now - WINDOW
    if since_success:
        last = session.scalar(
            select(func.max(LoginAttempt.id)).where(which, LoginAttempt.at > since, LoginAttempt.succeeded)
        )
        which = which & (LoginAttempt.id > (last or 0))
    failures, latest = session.execute(
        select(func.count(), func.max(LoginAttempt.at)).where(
            which, LoginAttempt.at > since, LoginAttempt.succeeded.is_(False)
        )
    ).one()
    if failures < free:
        return 0
    seconds = min(2 ** min(failures - free, 20), longest)
    left = (latest + timedelta(seconds=seconds) - now).total_seconds()
    return max(0, int(-(-left // 1)))


def _is_known(session: Session, account: str, address: str, now: datetime) -> bool:
    return (
        session.scalar(
            select(LoginAttempt.id)
            .where(
                LoginAttempt.account == account,
                LoginAttempt.address == address,
                LoginAttempt.succeeded,
                LoginAttempt.at > now - _KNOWN_FOR,
            )
            .limit(1)
        )
        is not None
    )
