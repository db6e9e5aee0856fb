"""One-pagers: for each rep whose sales the viewer sees, a paper about that rep alone; all of them in one archive."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from typing import TYPE_CHECKING

from app.handing import PERMISSION, handout
from app.values.document import Document
from app.values.errors import NotAskable, NotFound, TooBig
from app.values.view import View
from app.values.viewer import Viewer
from layouts.render import formats

if TYPE_CHECKING:
    from app.assembly import House

ENDING = "zip"
MEDIA_TYPE = "application/zip"
PLACE = "/d/me"
"""The dashboard that is about one rep."""

MOST = 200
"""Reps of one archive."""

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
    reps = house.asker.members("rep", viewer.context, limit=MOST + 1)
    if len(reps) > MOST:
        raise TooBig("An archive holds at most {most} one-pagers.", most=MOST)
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
