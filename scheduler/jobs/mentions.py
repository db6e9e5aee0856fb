"""Mentions: whoever is named in a comment and has not seen it is told by mail, if it is theirs to read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from urllib.parse import urlencode, urlsplit

from app.assembly import House
from app.channels.message import Channel, Message, Outcome, message_id_for
from app.channels.ways import ways
from app.handing import opened, panel_of
from app.models.comment import Comment
from app.services import comments, mention_letters, subscriptions
from app.services.mention_letters import Taken
from app.services.recipients import Reader, reader
from app.values.errors import NotFound, Refusal
from app.values.view import View
from app.values.viewer import Viewer
from app.values.words import words
from layouts.dashboard import title_of
from layouts.render.mail import Addressee, addressed, notice
from layouts.render.mail.sheet import Sheet
from queries.warehouse.failpoints import failpoint
from scheduler.saying import UNSUBSCRIBE

LONGEST = 300
"""Letters of a comment that a mail says."""


def right_now() -> datetime:
    """The instant it is."""
    return datetime.now(UTC)


def tell(house: House, channels: Mapping[str, Channel], now: Callable[[], datetime] = right_now) -> int:
    """Write the letters that are due and hand over what is owed; returns how many went out.

    Any number of schedulers may do so at the same time.
    """
    with house.database.write() as session:
        mention_letters.write_due(session, now())
    failpoint("mention-written")
    with house.database.read() as session:
        waiting = mention_letters.owed(session, now())
    sent = 0
    for letter_id in waiting:
        with house.database.write() as session:
            taken = mention_letters.take(session, letter_id, now())
        if taken is None:
            continue
        failpoint("mention-taken")
        outcome = _sent(house, channels, taken, now)
        sent += outcome.state == "sent"
        if outcome.everyone:
            break
    return sent


def tell_mentioned(house: House) -> int:
    """The same with connections of its own."""
    channels = ways(house.settings)
    try:
        return tell(house, channels)
    finally:
        for each in channels.values():
            each.close()


def _sent(house: House, channels: Mapping[str, Channel], taken: Taken, now: Callable[[], datetime]) -> Outcome:
    with house.database.read() as session:
        one = reader(session, f"person:{taken.user_id}", house.trees(), house.terms(), now())
        said = (
            list(mention_letters.named_in(session, taken)) if mention_letters.is_wanted(session, taken.user_id) else []
        )
    told = [] if one.viewer is None else [each for each in said if _may_read(house, one.viewer, each)]
    if not told or one.viewer is None:
        with house.database.write() as session:
            mention_letters.skip(session, taken, str(one.why or mention_letters.SEEN), now())
        return Outcome("refused")
    outcome = channels["mail"].send(_message(house, one, one.viewer, told, taken))
    failpoint("mention-handed")
    with house.database.write() as session:
        mention_letters.settle(session, taken, outcome, now())
    failpoint("mention-settled")
    return outcome


def _may_read(house: House, viewer: Viewer, comment: Comment) -> bool:
    """As on the page: the panel is there for the viewer, and so are all rows and columns that the author saw."""
    view = View.parse(comment.view)
    if not viewer.may(comments.PERMISSION):
        return False
    try:
        panel_of(opened(house, viewer, view), viewer, view)
    except NotFound:
        return False
    return comments.is_readable(comment, partial(house.sees_as_much, viewer))


def _message(house: House, one: Reader, viewer: Viewer, told: list[Comment], taken: Taken) -> Message:
    t, origin = words(viewer.context.locale), house.settings.origin
    view = View.parse(told[0].view)
    try:
        title = title_of(panel_of(opened(house, viewer, view), viewer, view), view, viewer.context, {})
    except Refusal:
        title = view.dashboard
    sentences = tuple(t("{name} wrote: {words}", name=each.author, words=_short(each.text)) for each in told)
    link = f"{origin}/comments?{urlencode({'view': str(view)})}"
    token = subscriptions.link_token(subscriptions.MENTIONS, one.recipient, house.secret)
    unsubscribe = f"{origin}{UNSUBSCRIBE}{token}"
    subject = t("{name} named you in a comment about {title}", name=told[0].author, title=title)
    body = notice(Sheet(title, "", sentences, (), (), (), None, link), (), subject, t.locale)
    why = t("You get this because somebody named you in a comment that you had not seen.")
    said = addressed(body, Addressee(name=one.name, why=why, unsubscribe=unsubscribe))
    return Message(
        to=one.address,
        subject=" ".join(said.subject.split())[:200],
        text=said.text,
        to_name=one.name,
        html=said.html,
        message_id=message_id_for("mention", taken.id, domain=urlsplit(origin).hostname or "localhost"),
        unsubscribe=unsubscribe,
        sentences=said.sentences,
        link=said.link,
        locale=said.locale,
        repeat=taken.repeat,
    )


def _short(text: str) -> str:
    told = " ".join(text.split())
    return told if len(told) <= LONGEST else told[: LONGEST - 1] + "…"
