"""Previewing: what one recipient of a schedule would get now, for its owner to look at."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from app.reporting import paper_of
from app.services import contents, recipients, schedules
from app.services.exports import record_export
from app.values.document import Document
from app.values.errors import Invalid, NotFound
from app.values.viewer import Viewer
from layouts.render import formats

if TYPE_CHECKING:
    from app.assembly import House


def preview(house: House, viewer: Viewer, schedule_id: str, recipient: str, format_id: str, now: datetime) -> Document:
    """What the recipient would get now, as far as the viewer may see it too; noted before it is handed out.

    Raises Forbidden, NotFound for no such schedule, recipient or format, and Invalid with the reason where nothing
    would be sent.
    """
    viewer.require(recipients.SENDS_FILES)
    wanted = formats.known(format_id)
    with house.database.write() as session:
        card = schedules.find(session, viewer, schedule_id)
        owed = recipients.spelled_out(session, card.draft.recipients)
        if recipient not in owed:
            raise NotFound("This schedule has no such recipient.")
        reader = recipients.reader(session, recipient, house.trees(), house.terms(), now)
        found = contents.contents_of(session, viewer, card.draft.views)
        # Of files that go out apart the first is shown.
        shown = found if card.draft.as_one and wanted.bind is not None else found[:1]
        if reader.viewer is None:
            raise Invalid("{name} would be sent nothing: {why}", name=reader.name or recipient, why=reader.why or "")
        why = recipients.kept_from(reader.viewer, shown, house.dashboards)
        if why is not None:
            raise Invalid("{name} would be sent nothing: {why}", name=reader.name, why=why)
        seen = recipients.as_seen_together(viewer, reader.viewer)
        for content in shown:
            record_export(session, viewer, content.view, "dashboard", wanted.id, at=now)
    papers = [paper_of(house, seen, content) for content in shown]
    return wanted.write(papers[0]) if len(papers) == 1 or wanted.bind is None else wanted.bind(card.draft.name, papers)
