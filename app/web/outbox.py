"""The outbox page: mails that were kept in the workspace, as their readers would see them."""

from __future__ import annotations

import base64
import io
import re
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from flask import Blueprint, render_template, send_file
from flask.typing import ResponseReturnValue

from app.channels.outbox import Kept, Opened, kept, opened
from app.values.errors import Forbidden, NotFound
from app.web.guard import signed_in_now
from layouts import format as fmt

PERMISSION = "admin:settings"
SHOWN = 200
"""Mails on the page."""

_PICTURES = frozenset({"image/png", "image/jpeg", "image/gif"})
_HEAD = re.compile(r"<head[^>]*>", re.IGNORECASE)
_CLOSED = (
    '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; img-src data:; style-src'
    ' \'unsafe-inline\'"><base target="_blank">'
)
"""A mail fetches nothing and runs nothing; its links open elsewhere."""


def outbox_pages(folder: Path, *, is_used: bool) -> Blueprint:
    """/admin/outbox, for those who may change settings and see everything.

    `is_used`: mails go here, because no mail server is set.
    """
    door = Blueprint("outbox", __name__, template_folder="templates", url_prefix="/admin/outbox")

    @door.before_request
    def check() -> None:
        viewer = signed_in_now()[1]
        viewer.require(PERMISSION)
        if not viewer.context.scope.is_everything or viewer.context.masks:
            # Mails are made of everybody's rows.
            raise Forbidden("Mails of others are read by those who see all sales.")

    @door.get("")
    def listed() -> ResponseReturnValue:
        return _listed(folder, is_used=is_used)

    @door.get("/<mail>")
    def one(mail: str) -> ResponseReturnValue:
        return _one(folder, mail)

    @door.get("/<mail>/file/<int:number>")
    def attached(mail: str, number: int) -> ResponseReturnValue:
        return _attached(folder, mail, number)

    @door.get("/<mail>/whole")
    def whole(mail: str) -> ResponseReturnValue:
        opened(folder, f"{mail}.eml")
        return send_file(
            folder / f"{mail}.eml", mimetype="message/rfc822", as_attachment=True, download_name=f"{mail}.eml"
        )

    return door


def _listed(folder: Path, *, is_used: bool) -> ResponseReturnValue:
    viewer = signed_in_now()[1]
    zone, locale = viewer.context.zone, viewer.context.locale
    mails = [
        (each, when(each, zone, locale), fmt.decimal_text(_kilobytes(each), locale, 0)) for each in kept(folder, SHOWN)
    ]
    return render_template("outbox.html", viewer=viewer, mails=mails, is_used=is_used, most=SHOWN)


def _one(folder: Path, mail: str) -> ResponseReturnValue:
    viewer, found = signed_in_now()[1], opened(folder, f"{mail}.eml")
    body = framed(found) if found.html else ""
    return render_template("outbox-mail.html", viewer=viewer, mail=found, name=mail, body=body)


def _attached(folder: Path, mail: str, number: int) -> ResponseReturnValue:
    files = opened(folder, f"{mail}.eml").files
    if number >= len(files):
        raise NotFound("There is no such file.")
    # Whatever a mail says it carries is handed on as bytes, and never shown by the browser.
    return send_file(
        io.BytesIO(files[number].content),
        mimetype="application/octet-stream",
        as_attachment=True,
        download_name=files[number].name,
    )


def framed(mail: Opened) -> str:
    """The HTML of a mail for a frame of its own, its pictures in place."""
    html = mail.html
    for cid, picture in mail.pictures:
        if picture.media_type in _PICTURES:
            content = base64.b64encode(picture.content).decode("ascii")
            html = html.replace(f'"cid:{cid}"', f'"data:{picture.media_type};base64,{content}"')
    found = _HEAD.search(html)
    at = found.end() if found else 0
    return html[:at] + _CLOSED + html[at:]


def when(mail: Kept, zone: str, locale: str) -> str:
    """The moment of a mail, as clocks show it there."""
    if mail.at is None:
        return ""
    at: datetime = mail.at.astimezone(ZoneInfo(zone))
    return f"{fmt.day(at.date(), locale)}, {at:%H:%M}"


def _kilobytes(mail: Kept) -> int:
    return -(-mail.size // 1_000)
