"""Exports: who took which figures out as a file."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from sqlalchemy.orm import Session

from app.services.ledger import record
from app.values.view import View
from app.values.viewer import Viewer

Kind = Literal["dashboard", "panel", "rows"]


def record_export(
    session: Session, viewer: Viewer, view: View, kind: Kind, format_id: str = "csv", *, at: datetime | None = None
) -> None:
    """Note that the viewer takes a view out as a file: all panels, one, or the lines behind it.

    Commit before the first byte is sent: what cannot be noted is not handed out.
    """
    subject = f"view:{view.dashboard}" + (f"/{view.panel}" if view.panel else "")
    record(session, viewer, f"export.{format_id}", subject, {"kind": kind, "view": str(view)}, at=at)
