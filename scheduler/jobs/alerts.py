"""Alerts: each checked when it is due or new data have come, in the rows of every recipient, and told once."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import urlsplit

from sqlalchemy.orm import Session

from app.assembly import House
from app.auth.policy import Terms, Trees
from app.channels.message import Channel, Message, Outcome, message_id_for
from app.channels.ways import ways
from app.domain.alerts import Reading
from app.services import alert_checks, alert_choices, alert_letters, subscriptions
from app.services.alert_checks import Due, Found, News
from app.services.alert_letters import Taken
from app.services.alerts import is_hidden_from
from app.services.contents import Content, closed_to
from app.services.documents import rights_of
from app.services.ledger import record
from app.services.recipients import Reader, reader, spelled_out, way_to
from app.values.errors import NotFound, Refusal
from app.values.view import View
from app.values.viewer import Viewer
from app.values.words import say, words
from app.watching import nothing_of, readings, seen_by
from layouts import format as fmt
from layouts.alerting import Told, about_of, sheet_of, subject_of
from layouts.dashboard import context_of
from layouts.render.mail import Addressee, MailBody, addressed, notice
from layouts.render.mail.sheet import Sheet
from layouts.settle import period_of, span_of
from queries.warehouse.failpoints import failpoint
from scheduler.desk import own_name
from scheduler.saying import UNSUBSCRIBE

log = logging.getLogger(__name__)

Clock = Callable[[], datetime]

BROKEN = "Something went wrong ({kind})."
LEFT = say("The recipient wants no more of it.")
CHANGED = "The recipient’s rights changed before it was sent."


def right_now() -> datetime:
    """The instant it is."""
    return datetime.now(UTC)


def check_due(house: House, channels: Mapping[str, Channel], name: str, now: Clock = right_now) -> int:
    """Check what is due and hand over what is owed; returns how many checks were made.

    `name` is this scheduler's alone; any number of them may do so at the same time.
    """
    with house.database.write() as session:
        alert_checks.record_due(session, house.settings, generation_of(house), now())
    failpoint("alert-recorded")
    made = 0
    while True:
        with house.database.write() as session:
            due = alert_checks.claim(session, name, now())
        if due is None:
            break
        made += 1
        failpoint("alert-claimed")
        if due.hopeless:
            _failed(house, due, due.hopeless, now())
            continue
        try:
            check(house, due, now())
        except Exception as error:
            log.exception("alert %s could not be checked", due.check.alert_id)
            _failed(house, due, BROKEN.format(kind=type(error).__name__), now())
    hand_over(house, channels, now)
    return made


def check(house: House, due: Due, now: datetime) -> None:
    """Look at one alert for every recipient, and let it count: all of it, or nothing."""
    terms, trees = replace(house.terms(), today=due.check.today), house.trees()
    with house.database.read() as session:
        people = [reader(session, each, trees, terms, now) for each in spelled_out(session, due.draft.recipients)]
        left = alert_choices.left_by(session, due.check.alert_id)
    people = [
        Reader(one.recipient, one.name, one.address, why=LEFT) if one.recipient in left else one for one in people
    ]
    known: dict[tuple[object, ...], tuple[Reading, ...]] = {}
    found = [_found(house, due, one, known) for one in people]
    generation = generation_of(house)
    readers = {one.recipient: one for one in people}
    with house.database.write() as session:
        news = alert_checks.apply(session, due, found, generation, now)
        bodies: dict[tuple[object, ...], MailBody] = {}
        for each in news or ():
            one = readers[each.recipient]
            if one.viewer is not None:
                # Whoever sees the same is told the same: a thousand people of forty teams are forty bodies.
                same = (one.viewer.context, each.told)
                body = bodies.get(same) or _body(house, due, one.viewer, each)
                bodies[same] = body
                way = way_to(session, one.recipient, due.draft.channel)
                what = (due.check.alert_id, due.check.moment, one.recipient, way)
                message_id = message_id_for("alert", *what, domain=_domain(house))
                told = _stored(body, due, one.recipient)
                session.add(alert_checks.letter_of(due, one.recipient, way, message_id, rights_of(one.viewer), told))
                _tell_ledger(session, due, one.viewer, each, now)
        failpoint("alert-applying")
    failpoint("alert-applied")


def _tell_ledger(session: Session, due: Due, viewer: Viewer, news: News, now: datetime) -> None:
    """What a recipient is told from now on, for whoever listens to the ledger; without a figure."""
    words_of = {"fired": "alert.fired", "cleared": "alert.resolved"}
    detail = {"check": due.check.id, "recipient": news.recipient, "rights": rights_of(viewer)}
    for tell in dict.fromkeys(tell for tell, _ in news.told):
        record(session, "scheduler", words_of[tell], f"alert:{due.check.alert_id}", detail, at=now)


def hand_over(house: House, channels: Mapping[str, Channel], now: Clock = right_now) -> int:
    """Send what is owed to whoever may still have it; returns how many went out."""
    with house.database.read() as session:
        waiting = alert_letters.owed(session, now())
    sent, away = 0, set[str]()
    for letter_id, channel in waiting:
        if channel in away:
            continue
        with house.database.write() as session:
            taken = alert_letters.take(session, letter_id, now())
        if taken is None:
            continue
        failpoint("alert-taken")
        outcome = _sent(house, channels, taken, now)
        sent += outcome.state == "sent"
        if outcome.everyone:
            away.add(channel)
    return sent


def _failed(house: House, due: Due, reason: str, now: datetime) -> None:
    """Write down that it broke, and once it is not tried any more, tell whoever made the alert."""
    with house.database.write() as session:
        if alert_checks.fail(session, due, reason, now):
            _owe_failure(session, house, due, reason, now)


def _owe_failure(session: Session, house: House, due: Due, reason: str, now: datetime) -> None:
    """Tell whoever made the alert that it could not be checked; nobody else has to know."""
    owner = reader(session, due.owner, house.trees(), house.terms(), now)
    if owner.viewer is None:
        return
    t = words(owner.viewer.context.locale)
    subject = t("Your alert “{name}” could not be checked", name=due.draft.name)
    told = (t(reason), t("It is checked again at the next of its times."))
    link = f"{house.settings.origin}/alerts/{due.check.alert_id}"
    body = notice(Sheet(due.draft.name, "", told, (), (), (), None, link), (), subject, t.locale)
    message_id = message_id_for("alert", due.check.alert_id, due.check.moment, "failed", domain=_domain(house))
    content = _stored(body, due, due.owner)
    session.add(alert_checks.letter_of(due, due.owner, "mail", message_id, rights_of(owner.viewer), content))


def generation_of(house: House) -> int | None:
    """The number of the data as they are now; None before anything was loaded."""
    try:
        with house.engine.snapshot() as snapshot:
            return snapshot.generation.number
    except NotFound:
        return None


def _found(house: House, due: Due, one: Reader, known: dict[tuple[object, ...], tuple[Reading, ...]]) -> Found:
    """What one recipient's rows hold; asked once for equal rights."""
    rule, viewer = due.draft.rule, one.viewer
    if viewer is None:
        return Found(one.recipient, why=str(one.why))
    metric = house.catalogue.metrics.get(rule.metric)
    why = is_hidden_from(viewer, metric.needs if metric is not None else frozenset())
    why = why or closed_to(viewer, Content(View.parse(due.draft.view)), house.dashboards)
    if why is not None:
        return Found(one.recipient, why=str(why))
    try:
        view = seen_by(house, viewer, due.draft.view)
        key = (viewer.context, str(view), repr([each.found for each in view.selection.filters]))
        if key not in known:
            known[key] = readings(house, viewer, view, rule)
        read, currency = known[key], context_of(view, viewer).currency
        return Found(one.recipient, read, currency=currency, nothing=nothing_of(house, rule))
    except Refusal as refusal:
        return Found(one.recipient, (Reading(problem=str(refusal.sentence)),))


def _body(house: House, due: Due, viewer: Viewer, news: News) -> MailBody:
    """The message, without whom it greets."""
    rule, metric = due.draft.rule, house.catalogue.metric(due.draft.rule.metric)
    view = View.parse(due.draft.view)
    context = context_of(view, viewer)
    told = [Told(tell, reading) for tell, reading in news.told]
    period = fmt.period_name(str(period_of(view.selection)), span_of(view.selection, context), context.locale)
    line = "" if rule.kind in ("anomaly", "no-data", "rhythm") else period
    sheet = sheet_of(
        due.draft.name,
        told,
        rule,
        metric,
        context.locale,
        context.currency,
        line=line,
        link=f"{house.settings.origin}{view}",
    )
    about = about_of(rule, metric, context.locale, context.currency)
    return notice(sheet, about, subject_of(due.draft.name, told, context.locale), context.locale)


def _stored(body: MailBody, due: Due, recipient: str) -> dict[str, object]:
    return {
        "by": "" if recipient == due.owner else due.owner_name,
        "subject": body.subject,
        "text": body.text,
        "html": body.html,
        "sentences": list(body.sentences),
        "link": body.link,
        "locale": body.locale,
    }


def _sent(house: House, channels: Mapping[str, Channel], taken: Taken, now: Clock) -> Outcome:
    one = _reader(house, taken, house.trees(), house.terms(), now())
    if one.viewer is None or rights_of(one.viewer) != taken.rights:
        with house.database.write() as session:
            alert_letters.end(session, taken.id, taken.attempt, "skipped", str(one.why or CHANGED), now())
        return Outcome("refused")
    outcome = channels[taken.channel].send(_message(house, taken, one))
    failpoint("alert-handed")
    with house.database.write() as session:
        alert_letters.settle(session, taken, one.name, one.address, outcome, now())
    return outcome


def _reader(house: House, taken: Taken, trees: Trees, terms: Terms, now: datetime) -> Reader:
    with house.database.read() as session:
        return reader(session, taken.recipient, trees, terms, now)


def _message(house: House, taken: Taken, one: Reader) -> Message:
    content = taken.content
    t = words(content["locale"])
    body = MailBody(
        content["subject"],
        content["text"],
        content["html"],
        sentences=tuple(content["sentences"]),
        link=content["link"],
        locale=content["locale"],
    )
    mine = f"{house.settings.origin}/alerts"
    why = (
        t("{name} has this watched for you.", name=content["by"])
        if content["by"]
        else t("Your alerts: {link}", link=mine)
    )
    unsubscribe = ""
    if content["by"] and not one.hook:
        token = subscriptions.link_token(f"{subscriptions.ALERT}{taken.alert_id}", one.recipient, house.secret)
        unsubscribe = f"{house.settings.origin}{UNSUBSCRIBE}{token}"
    said = addressed(body, Addressee(name=one.name, why=why, unsubscribe=unsubscribe))
    return Message(
        to=one.to,
        subject=said.subject,
        text=said.text,
        to_name=one.name,
        html="" if one.hook else said.html,
        message_id=taken.message_id,
        unsubscribe=unsubscribe,
        sentences=said.sentences,
        link=said.link,
        locale=said.locale,
        repeat=taken.repeat,
    )


def _domain(house: House) -> str:
    """What the names of messages end in."""
    return urlsplit(house.settings.origin).hostname or "localhost"


def watch(house: House) -> int:
    """Check what is due with connections of its own; returns how many checks were made."""
    channels = ways(house.settings)
    try:
        return check_due(house, channels, own_name())
    finally:
        for each in channels.values():
            each.close()
