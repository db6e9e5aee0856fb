"""Habits: who came lately, and which views they begin with or opened last: what is worth answering beforehand."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.models.session import BrowserSession
from app.models.user import User
from app.models.view import SavedView, ViewUse
from app.services import defaults
from app.values.errors import Refusal
from app.values.view import View
from app.values.viewer import Viewer

LATELY = timedelta(days=7)
OPENED = 3
"""Saved views of one person that are looked at."""


def regulars(session: Session, now: datetime, most: int) -> list[str]:
    """The addresses of those who came within the last days, the latest first."""
    latest = func.max(BrowserSession.last_active)
    statement = (
        select(User.email)
        .join(BrowserSession, BrowserSession.user_id == User.id)
        .where(User.active, BrowserSession.last_active > now - LATELY)
        .group_by(User.id, User.email)
        .order_by(latest.desc(), User.id)
        .limit(most)
    )
    return list(session.scalars(statement))


def usual_views(session: Session, viewer: Viewer, dashboards: tuple[str, ...]) -> list[View]:
    """The view that the viewer begins with, then the saved ones opened last."""
    begun = defaults.home(session, viewer, dashboards)
    opened = (
        select(SavedView.view)
        .join(ViewUse, ViewUse.view_id == SavedView.id)
        .where(ViewUse.user_id == int(viewer.id), ViewUse.opened_at.is_not(None), SavedView.deleted_at.is_(None))
        .order_by(ViewUse.opened_at.desc())
        .limit(OPENED)
    )
    found = [] if begun is None else [begun]
    for text in session.scalars(opened):
        try:
            found.append(View.parse(text))
        except Refusal:
            continue
    return list(dict.fromkeys(found))
