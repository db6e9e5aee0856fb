"""One-pagers: for each rep whose sales the viewer sees, a paper about that rep alone; in one archive, or by mail."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from app.handing import PERMISSION, handout, offer
from app.services import recipients, schedules
from app.services.drafts import Draft
from app.values.document import Document
from app.values.errors import NotAskable, NotFound, TooBig
from app.values.hierarchy import NO_MEMBER
from app.values.view import View
from app.values.viewer import Viewer
from app.values.words import words
from layouts.render import formats
from queries.frame import Member

if TYPE_CHECKING:
    from app.assembly import House

ENDING = "zip"
MEDIA_TYPE = "application/zip"
PLACE = "/d/me"
"""The dashboard that is about one rep."""

MOST = 200
"""Reps of one archive."""

EVERY_MONTH = "working day 2 of month at 07:00"
"""When they would come again, once whoever mailed them lets the schedule go on."""

_UNSAFE = re.compile(r"[^a-z0-9]+")
_NEVER = (1980, 1, 1, 0, 0, 0)


def one_pagers(
    house: House, viewer: Viewer, view: View, format_id: str = "pdf", *, tell: Callable[[int, int], None] | None = None
) -> Document:
    """An archive with one file per rep, through the view's period and filters and the viewer's own rights.

    `tell` hears how many of how many are done. A rep without sales there is left out. Forbidden without the permission
    to export, TooBig beyond MOST, NotFound when there is nobody.
    """
    viewer.require(PERMISSION)
    reps = _reps(house, viewer)
    wanted, packed = formats.known(format_id), io.BytesIO()
    count = 0
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for done, rep in enumerate(reps):
            if tell is not None:
                tell(done, len(reps))
            about = View.parse(PLACE).with_selection(view.selection.with_filter("rep", (rep.key,)))
            try:
                paper = handout(house, viewer, about, title=rep.name)
            except (NotFound, NotAskable):
                continue
            count += 1
            slug = _UNSAFE.sub("-", rep.name.lower()).strip("-") or "rep"
            # Names repeat, and an archive does not say when its files were drawn: equal papers, equal bytes.
            entry = zipfile.ZipInfo(f"{count:03d}-{slug}.{wanted.id}", _NEVER)
            archive.writestr(entry, wanted.write(paper).content, zipfile.ZIP_DEFLATED)
    if not count:
        raise NotFound("There is no rep whose sales you see.")
    return Document(f"one-pagers.{ENDING}", MEDIA_TYPE, packed.getvalue())


@dataclass(frozen=True)
class Mailed:
    """The schedule that mails them, how many people it goes to, and how many reps have no account to be mailed at."""

    schedule: str
    people: int
    missing: int


def mailed(house: House, viewer: Viewer, *, now: datetime | None = None) -> Mailed:
    """Each of these reps who has an account is mailed the own page once, drawn from the rows the rep may see then.

    Forbidden without the permission to have something sent, NotFound when there is nobody, TooBig beyond MOST,
    Conflict while they are on their way.
    """
    viewer.require(schedules.PERMISSION)
    reps = {each.key for each in _reps(house, viewer)} - {NO_MEMBER}
    t = words(viewer.context.locale)
    with house.database.write() as session:
        people = recipients.people_of_reps(session, reps)
        if not people:
            raise NotFound("There is no rep with an account whose sales you see.")
        draft = Draft(t("One-pagers"), (PLACE,), ("pdf",), EVERY_MONTH, house.settings.zone, tuple(people))
        schedule = schedules.send_once(session, viewer, draft, offer(house), now=now)
    return Mailed(schedule, len(people), len(reps - set(people.values())))


def _reps(house: House, viewer: Viewer) -> Sequence[Member]:
    reps = house.asker.members("rep", viewer.context, limit=MOST + 1)
    if len(reps) > MOST:
        raise TooBig("An archive holds at most {most} one-pagers.", most=MOST)
    return reps
