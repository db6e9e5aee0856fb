"""Housekeeping: what is over is forgotten."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from app.auth.sessions import IDLE
from app.models.attempt import LoginAttempt
from app.models.session import BrowserSession
from app.services import (
    alerts,
    documents,
    hook_posts,
    ingest,
    instances,
    jobs,
    mention_letters,
    paper_links,
    reports,
    requests,
    schedules,
)
from app.services.views import forget_deleted

ATTEMPTS_KEPT = timedelta(days=30)


@dataclass(frozen=True)
class Forgotten:
    """How many rows went."""

    sessions: int
    attempts: int
    views: int
    documents: int
    jobs: int
    reports: int
    instances: int
    schedules: int
    alerts: int
    hooks: int


def forget(session: Session, now: datetime) -> Forgotten:
    """Delete sessions nobody can use any more, and after 30 days sign-in attempts and the views people deleted.

    Files go after a day (their bytes with the next `documents.sweep`), told exports after a week, reports and
    alerts that people deleted after 30 days, and what reports were made after a year;
    deleted schedules after 30 days, and what was sent by them after a year; answers kept for programs after a day.
    """
    over = (BrowserSession.expires_at <= now) | (BrowserSession.last_active <= now - IDLE)
    old = LoginAttempt.at <= now - ATTEMPTS_KEPT
    forgotten = Forgotten(
        sessions=session.scalar(select(func.count()).select_from(BrowserSession).where(over)) or 0,
        attempts=session.scalar(select(func.count()).select_from(LoginAttempt).where(old)) or 0,
        views=forget_deleted(session, now),
        jobs=jobs.forget(session, now),
        documents=documents.forget(session, now),
        instances=instances.forget(session, now),
        reports=reports.forget_deleted(session, now),
        schedules=schedules.forget(session, now),
        alerts=alerts.forget(session, now),
        hooks=hook_posts.forget(session, now),
    )
    paper_links.forget(session, now)
    mention_letters.forget(session, now)
    requests.forget(session, now)
    ingest.forget(session, now)
    session.execute(delete(BrowserSession).where(over))
    session.execute(delete(LoginAttempt).where(old))
    return forgotten
