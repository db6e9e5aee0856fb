"""Saying: the message that one recipient gets: a greeting, what matters, the files; or what an owner is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from app.channels.message import Attachment, Message
from app.handing import handout
from app.services import documents, named_sets, paper_links
from app.services.filing import file_away
from app.services.recipients import Reader
from app.services.subscriptions import link_token
from app.values.document import Document
from app.values.errors import Refusal
from app.values.selection import Selection
from app.values.view import View
from app.values.words import Words, words
from layouts.figures import Figure, figures
from layouts.render.mail import Addressee, addressed
from scheduler.desk import Desk
from scheduler.job import Made
from scheduler.prepare import Work

UNSUBSCRIBE = "/unsubscribe/"
"""Where the links in mails lead, followed by their token."""

OWN = ("overview", "net-sales")
"""The dashboard and its card that tell a rep's own figures."""

FETCHED = "/exports/file/"
"""Where a file that waits is fetched, followed by its id."""


@dataclass(frozen=True)
class Sending:
    """What is known of one hand-over: its name, and whether it may have arrived before."""

    message_id: str
    repeat: bool


def report(desk: Desk, work: Work, made: Made, one: Reader, sending: Sending) -> Message:
    """The message with the documents of its audience. Raises Invalid for what could not stand in one."""
    t = _words(one, desk)
    # Nothing can be attached to what a hook is posted, and nobody behind it can end it for the others.
    room = 0 if one.hook else desk.house.settings.mail_megabytes * 1_000_000
    attached, too_large = _under_guard(made.documents, room)
    token = link_token(work.schedule_id, one.recipient, desk.house.secret)
    unsubscribe = "" if one.hook else f"{desk.house.settings.origin}{UNSUBSCRIBE}{token}"
    notes, linked = tuple(_notes(work, t)), _links(desk, work, one, too_large)
    body = addressed(
        made.body,
        Addressee(
            name=one.name,
            own=_own(desk, work, one),
            notes=notes,
            attached=tuple(each.name for each in attached),
            linked=linked,
            why=t("You get this because “{name}” is sent to you; it shows: {scope}.", name=work.name, scope=made.scope),
            unsubscribe=unsubscribe,
        ),
    )
    return Message(
        to=one.to,
        to_name=one.name,
        subject=t("A test: {subject}", subject=body.subject) if work.kind == "test" else body.subject,
        text=body.text,
        html="" if one.hook else body.html,
        attachments=() if one.hook else (*body.inline, *(Attachment(each) for each in attached)),
        message_id=sending.message_id,
        unsubscribe=unsubscribe,
        sentences=(*notes, *body.sentences) if one.hook else body.sentences,
        link=body.link,
        files=linked if one.hook else (),
        locale=body.locale,
        repeat=sending.repeat,
        late=work.is_late,
    )


def notice(desk: Desk, name: str, due_at: datetime, zone: str, told: str, one: Reader, sending: Sending) -> Message:
    """What the owner is told about a run that did not go well."""
    t = _words(one, desk)
    when = due_at.astimezone(ZoneInfo(zone))
    lines = [
        t("Hello {name},", name=one.name),
        t("“{name}” was due on {day} at {time}.", name=name, day=when.date(), time=f"{when:%H:%M}"),
        t(told),
    ]
    return Message(
        to=one.address,
        to_name=one.name,
        subject=t("About your schedule “{name}”", name=name),
        text="\n\n".join(lines) + "\n",
        message_id=sending.message_id,
        repeat=sending.repeat,
    )


def _notes(work: Work, t: Words) -> list[str]:
    """What makes this one unlike the usual: late, or from data that are not fresh."""
    told = []
    if work.is_late:
        when = work.due_at.astimezone(ZoneInfo(work.zone))
        told.append(t("This is late: it was due on {day} at {time}.", day=when.date(), time=f"{when:%H:%M}"))
    if work.is_stale:
        told.append(t("The data are older than they should be: the newest did not arrive in time."))
    return told


def _own(desk: Desk, work: Work, one: Reader) -> tuple[Figure, ...]:
    """What the reader sold, where the reader is a rep and the rest of the mail is about more than that."""
    viewer, period = one.viewer, work.contents[0].view.selection.period
    if viewer is None or viewer.kind != "person" or viewer.context.scope.levels == {"rep"}:
        return ()
    selection = Selection().with_period(str(period)).with_filter("rep", (), sets=(named_sets.ME,))
    view = desk.house.looked_up(viewer, View(*OWN, selection=selection))
    if not any(each.found for each in view.selection.filters):
        return ()
    try:
        return figures(handout(desk.house, viewer, view).panels)
    except Refusal:
        return ()


def _under_guard(documents: Sequence[Document], most: int) -> tuple[tuple[Document, ...], tuple[Document, ...]]:
    """The files that fit into a mail together, smallest first, in their order; and the others."""
    kept: set[str] = set()
    size = 0
    for each in sorted(documents, key=lambda document: len(document.content)):
        size += len(each.content)
        if size <= most:
            kept.add(each.name)
    return (
        tuple(each for each in documents if each.name in kept),
        tuple(each for each in documents if each.name not in kept),
    )


def _links(desk: Desk, work: Work, one: Reader, files: Sequence[Document]) -> tuple[tuple[str, str], ...]:
    """Where the recipient, and nobody else, fetches what is too large for a mail; for a day.

    Outside, where nobody signs in, whoever holds the link fetches this one file, for as long as the leave says.
    """
    settings, found = desk.house.settings, []
    for each in files:
        filed = file_away(settings.home.resolve(), each)
        if one.grant_id:
            with desk.house.database.write() as session:
                token = paper_links.make(session, one.grant_id, settings.home.resolve(), filed, now=desk.now())
            found.append((each.name, f"{settings.origin}{paper_links.PLACE}{token}"))
            continue
        if one.viewer is None:
            continue
        view, kind = str(work.contents[0].view), each.name.rpartition(".")[2]
        with desk.house.database.write() as session:
            card = documents.keep(
                session, one.viewer, settings.home.resolve(), filed, view=view, format_id=kind, now=desk.now()
            )
        found.append((each.name, f"{settings.origin}{FETCHED}{card.id}"))
    return tuple(found)


def _words(one: Reader, desk: Desk) -> Words:
    return words(one.viewer.context.locale if one.viewer is not None else desk.house.settings.locale)
