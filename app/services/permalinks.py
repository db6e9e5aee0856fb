"""Permalinks: short addresses of views. They grant nothing: whoever follows one sees what the own rights allow."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.models.database import take_turns
from app.models.permalink import Permalink
from app.services import sharing, views
from app.services.ledger import record
from app.values.errors import Forbidden, NotFound, TooBig
from app.values.view import View
from app.values.viewer import Viewer

MOST_A_DAY = 500
"""Links that one person makes in 24 hours."""

_NOTHING = "There is no such link, or it is not for you."


def link_to(session: Session, viewer: Viewer, view: str, *, now: datetime | None = None) -> str:
    """The id of the link to a view; the same view has the same link, whoever asks. It leads there for ever.

    Raises Invalid for what is no view, TooBig beyond MOST_A_DAY, Forbidden for whoever opens no dashboards.
    """
    maker = sharing.person_of(session, viewer)
    now = now or datetime.now(UTC)
    text = str(View.parse(view))
    digest = hashlib.sha256(text.encode()).hexdigest()
    take_turns(session, f"link {digest}")
    known = session.scalar(select(Permalink.id).where(Permalink.digest == digest))
    if known is not None:
        return known
    recent = (Permalink.maker_id == maker.id) & (Permalink.created_at > now - timedelta(days=1))
    if (session.scalar(select(func.count()).where(recent)) or 0) >= MOST_A_DAY:
        raise TooBig("A person makes at most {most} links a day.", most=MOST_A_DAY)
    row = Permalink(id=sharing.new_id(), digest=digest, view=text, maker_id=maker.id, created_at=now)
    session.add(row)
    session.flush()
    record(session, viewer, "link.made", f"link:{row.id}", {"view": text}, at=now)
    return row.id


def target_of(session: Session, viewer: Viewer, link: str) -> str:
    """The address on this site that a link, or a saved view's id, leads the viewer to.

    A saved view is named after the `#`, so that the page lays its tables out as they were kept. Raises NotFound for a
    link that does not exist, and in the same words for a view that is not shared with the viewer.
    """
    try:
        viewer.require("dashboards")
        text = session.scalar(select(Permalink.view).where(Permalink.id == link))
        if text is not None:
            return str(View.parse(text))
        return f"{View.parse(views.find(session, viewer, link).view)}#v={link}"
    except (Forbidden, NotFound):
        raise NotFound(_NOTHING) from None
