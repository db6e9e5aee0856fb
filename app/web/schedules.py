"""The pages of schedules: what is sent when to whom, how each ended, what one is sent, and the way out of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, available_timezones

from flask import Blueprint, Response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.channels.ways import TITLES
from app.handing import offer
from app.models.role import Role
from app.models.user import User
from app.previewing import preview
from app.services import (
    alert_choices,
    contents,
    deliveries,
    grants,
    recipients,
    reports,
    schedules,
    sharing,
    subscriptions,
    views,
)
from app.services.drafts import Draft
from app.values.errors import Forbidden, Invalid, NotFound, Refusal
from app.values.recurrence import Recurrence
from app.values.view import View
from app.values.viewer import Viewer
from app.values.words import say, words
from app.web import schedule_form as form_of
from app.web.downloads import sent
from app.web.errors import status_of
from app.web.fields import number_in
from app.web.guard import signed_in_now
from layouts.render import formats

if TYPE_CHECKING:
    from app.assembly import House

HERE = "/schedules"
STATES = {
    "queued": say("waiting"),
    "claimed": say("being made"),
    "building": say("being made"),
    "delivering": say("being sent"),
    "done": say("done"),
    "skipped": say("skipped"),
    "missed": say("missed"),
    "parked": say("given up"),
    "pending": say("waiting"),
    "sending": say("being sent"),
    "sent": say("sent"),
    "failed": say("failed"),
    "uncertain": say("uncertain"),
}


@dataclass(frozen=True)
class Filled:
    """What stands in the form: the draft, how it says when, and the version it was read at."""

    draft: Draft
    when: form_of.When
    version: int = 0


def pages(house: House, clock: Callable[[], datetime]) -> tuple[Blueprint, Blueprint]:
    """/schedules and /subscriptions; and, for whoever holds a mail and nothing else, /unsubscribe."""
    leaving = Blueprint("leaving", __name__, template_folder="templates")
    door = Blueprint("schedules", __name__, template_folder="templates")
    door.context_processor(lambda: {"states": STATES})

    @door.get(HERE)
    def listing() -> ResponseReturnValue:
        return _listing(house, clock())

    @door.get(f"{HERE}/new")
    def blank() -> ResponseReturnValue:
        return _blank(house, clock())

    @door.post(f"{HERE}/new")
    def create() -> ResponseReturnValue:
        return _save(house, clock(), None)

    @door.get(f"{HERE}/<schedule_id>")
    def show(schedule_id: str) -> ResponseReturnValue:
        return _shown(house, clock(), schedule_id)

    @door.post(f"{HERE}/<schedule_id>")
    def change(schedule_id: str) -> ResponseReturnValue:
        if request.form.get("do") in ("save", "check"):
            return _save(house, clock(), schedule_id)
        return _act(house, clock(), schedule_id, request.form.get("do", ""))

    @door.get(f"{HERE}/<schedule_id>/preview")
    def preview(schedule_id: str) -> ResponseReturnValue:
        return _preview(house, clock(), schedule_id)

    @door.get("/subscriptions")
    def mine() -> ResponseReturnValue:
        return _subscriptions(house)

    @door.post("/subscriptions")
    def subscribe() -> ResponseReturnValue:
        return _subscribe(house, clock())

    @leaving.route("/unsubscribe/<token>", methods=["GET", "POST"])
    def unsubscribe(token: str) -> ResponseReturnValue:
        return _unsubscribe(house, clock(), token)

    return door, leaving


def _allowed() -> Viewer:
    viewer = signed_in_now()[1]
    viewer.require(schedules.PERMISSION)
    if viewer.context.scope.is_nothing:
        raise Forbidden("There is nothing you may see, so there is nothing to send.")
    return viewer


def _known(format_id: str) -> bool:
    return any(each.id == format_id for each in formats.FORMATS)


def _oneself(viewer: Viewer) -> tuple[str, ...]:
    return (f"person:{viewer.id}",) if viewer.kind == "person" else ()


def _listing(house: House, now: datetime) -> ResponseReturnValue:
    viewer = _allowed()
    with house.database.read() as session:
        kept, gone = schedules.listed(session, viewer), schedules.deleted(session, viewer, now=now)
        latest = {each.id: next(iter(deliveries.log(session, viewer, each.id, most=1)), None) for each in kept}
    t = words(viewer.context.locale)
    return render_template(
        "schedules.html",
        viewer=viewer,
        schedules=kept,
        gone=gone,
        latest=latest,
        said={each.id: Recurrence.parse(each.draft.recurrence).said(t) for each in kept},
        local=_local,
        done=request.args.get("done", ""),
    )


def _blank(house: House, now: datetime) -> ResponseReturnValue:
    viewer = _allowed()
    wanted = tuple(filter(None, [request.args.get("view", "")]))
    with house.database.read() as session:
        name = _title(house, session, viewer, wanted[0])[:120] if wanted else ""
    usual = ("pdf",) if _known("pdf") else ("csv",)
    draft = Draft(name, wanted, usual, "0 7 * * 1", viewer.context.zone, _oneself(viewer))
    return _editor(house, now, Filled(draft, form_of.When()))


def _save(house: House, now: datetime, schedule_id: str | None) -> ResponseReturnValue:
    viewer, form, filled = _allowed(), request.form, None
    version = number_in(form, "version")
    try:
        filled = Filled(_as_said(form), form_of.when_typed(form), version)
        draft = form_of.draft_in(form)
        filled = Filled(draft, form_of.when_of(draft.recurrence), version)
        if form.get("do") == "check":
            return _editor(house, now, filled, schedule_id)
        with house.database.write() as session:
            if schedule_id is None:
                kept = schedules.create(session, viewer, draft, offer(house), now=now)
            else:
                kept = schedules.change(session, viewer, schedule_id, draft, offer(house), version=version, now=now)
    except Refusal as refusal:
        if filled is None or (isinstance(refusal, NotFound) and schedule_id is not None):
            raise
        return _editor(house, now, filled, schedule_id, refusal)
    return redirect(f"{HERE}/{kept.id}?done=saved", 302)


def _as_said(form: Any) -> Draft:
    """What the form says, before anybody asks whether it can be sent: so that nothing typed is lost."""
    outside = [f"address:{each}" for each in form.get("outside", "").splitlines() if each.strip()]
    wanted = tuple(dict.fromkeys((*form.getlist("view"), *filter(None, form.getlist("add")))))
    people = (*form.getlist("recipient"), *outside)
    try:
        condition = form_of.condition_in(form)
    except Invalid:
        condition = form_of.Condition()
    said = form.get("name", ""), wanted, tuple(form.getlist("format")), "", form.get("zone", ""), people
    return Draft(*said, condition=condition, subject=form.get("subject", ""), as_one=form.get("together") == "one")


def _act(house: House, now: datetime, schedule_id: str, wish: str) -> ResponseReturnValue:
    viewer = _allowed()
    with house.database.write() as session:
        match wish:
            case "pause":
                schedules.pause(session, viewer, schedule_id, now=now)
            case "resume":
                schedules.resume(session, viewer, schedule_id, offer(house), now=now)
            case "delete":
                schedules.remove(session, viewer, schedule_id, now=now)
                return redirect(f"{HERE}?done=deleted", 302)
            case "restore":
                schedules.restore(session, viewer, schedule_id, now=now)
            case "test":
                schedules.send_test(session, viewer, schedule_id, now=now)
            case _:
                raise Invalid("There is no such change.")
    return redirect(f"{HERE}/{schedule_id}?done={wish}", 302)


def _shown(house: House, now: datetime, schedule_id: str) -> ResponseReturnValue:
    viewer = _allowed()
    with house.database.read() as session:
        card = schedules.find(session, viewer, schedule_id)
    draft = card.draft
    return _editor(house, now, Filled(draft, form_of.when_of(draft.recurrence), card.version), schedule_id)


def _editor(
    house: House, now: datetime, filled: Filled, schedule_id: str | None = None, refusal: Refusal | None = None
) -> ResponseReturnValue:
    viewer, draft = _allowed(), filled.draft
    with house.database.read() as session:
        card = schedules.find(session, viewer, schedule_id) if schedule_id else None
        runs = deliveries.log(session, viewer, schedule_id) if schedule_id else []
        known = people_known(house, session, viewer, now)
        saved = [(f"view:{each.id}", each.name) for each in views.listed(session, viewer)]
        papers = [(f"{contents.REPORT}{each.id}", each.report.name) for each in reports.listed(session, viewer)]
        titles = {text: _title(house, session, viewer, text) for text in draft.views}
        owed = recipients.spelled_out(session, draft.recipients) if card else ()
    t = words(viewer.context.locale)
    boards = [(str(View(each.id, None)), t(each.title)) for each in house.dashboards if each.is_open_to(viewer)]
    named = dict([*known["person"], *known["channel"]])
    page = render_template(
        "schedule.html",
        viewer=viewer,
        card=card,
        filled=filled,
        draft=draft,
        titles=titles,
        choices={"dashboards": boards, "views": saved, "reports": papers},
        formats=formats.FORMATS,
        people=known,
        outside=form_of.outside_of(draft),
        words=form_of,
        zones=sorted(available_timezones()),
        metrics=[(each.id, t(each.title)) for each in house.catalogue.visible(viewer.context.masks)],
        coming=_coming(viewer, draft, now),
        runs=runs,
        local=_local,
        named=named,
        owed=[(each, named.get(each, each.partition(":")[2])) for each in owed],
        sentence=refusal.sentence if refusal else "",
        done=request.args.get("done", ""),
        missing=number_in(request.args, "missing"),
    )
    return page, 200 if refusal is None else status_of(refusal)


def _coming(viewer: Viewer, draft: Draft, now: datetime) -> tuple[str, ...]:
    """The next five times it would be sent, by the clocks of its zone; none where it cannot be said yet."""
    if not draft.recurrence:
        return ()
    try:
        found = schedules.next_runs(draft.recurrence, draft.zone, viewer.context.calendar, now)
    except Refusal:
        return ()
    return tuple(_local(each, draft.zone) for each in found)


def _local(instant: datetime | None, zone: str) -> str:
    """A moment by the clocks of a zone: "Mon 2026-11-23 07:00"."""
    return "" if instant is None else instant.astimezone(ZoneInfo(zone)).strftime("%a %Y-%m-%d %H:%M")


def _title(house: House, session: Session, viewer: Viewer, text: str) -> str:
    try:
        found = contents.content_of(session, viewer, text)
    except Refusal as refusal:
        return refusal.sentence
    board = next((each.title for each in house.dashboards if each.id == found.view.dashboard), found.view.dashboard)
    named = words(viewer.context.locale)(board)
    panel = f" · {found.view.panel}" if found.view.panel else ""
    return f"{found.title} ({named})" if found.title else f"{named}{panel}"


def people_known(house: House, session: Session, viewer: Viewer, now: datetime) -> dict[str, list[tuple[str, str]]]:
    """Who can be chosen: people with an account, roles, the teams that people belong to, and rooms with leave."""
    users = list(session.scalars(select(User).where(User.active).order_by(User.name)))
    teams = sorted({team for user in users for team in sharing.teams_of(user)})
    names = {
        f"{level}:{each.key}": each.name
        for level in {team.partition(":")[0] for team in teams}
        for each in house.asker.members(level, viewer.context, limit=1_000)
    }
    if not viewer.context.scope.is_everything:
        # Whoever sees a part of the company learns of no team beyond it and their own.
        person = sharing.known_person(session, viewer)
        own = frozenset[str]() if person is None else sharing.teams_of(person)
        teams = [each for each in teams if each in names or each in own]
    titles = {role.id: role.title for role in session.scalars(select(Role).order_by(Role.title))}
    t = words(viewer.context.locale)
    return {
        "person": [(f"person:{user.id}", user.name) for user in users],
        "role": [(f"role:{each}", t(title)) for each, title in titles.items()],
        "channel": [(each, f"{name} ({t(TITLES[way])})") for each, name, way in grants.channels(session, now)],
        "team": [(f"team:{each}", names.get(each, each.partition(":")[2])) for each in teams],
    }


def _preview(house: House, now: datetime, schedule_id: str) -> Response:
    asked = request.args
    return sent(preview(house, _allowed(), schedule_id, asked.get("as", ""), asked.get("format", ""), now))


def _subscriptions(house: House) -> ResponseReturnValue:
    viewer = signed_in_now()[1]
    with house.database.read() as session:
        found, told = subscriptions.mine(session, viewer), alert_choices.reaching(session, viewer)
    t = words(viewer.context.locale)
    said = {each.schedule_id: Recurrence.parse(each.recurrence).said(t) for each in found}
    return render_template("subscriptions.html", viewer=viewer, found=found, told=told, said=said, local=_local)


def _subscribe(house: House, now: datetime) -> ResponseReturnValue:
    viewer, schedule_id = signed_in_now()[1], request.form.get("schedule", "")
    alert_id = request.form.get("alert", "")
    with house.database.write() as session:
        if alert_id and request.form.get("do") == "again":
            alert_choices.come_back(session, viewer, alert_id, now=now)
        elif alert_id:
            alert_choices.leave(session, viewer, alert_id, now=now)
        elif request.form.get("do") == "again":
            subscriptions.begin_again(session, viewer, schedule_id, now=now)
        else:
            subscriptions.end(session, viewer, schedule_id, now=now)
    return redirect("/subscriptions", 302)


def _unsubscribe(house: House, now: datetime, token: str) -> ResponseReturnValue:
    """Whoever holds the mail is asked once, so that no scanner of links ends anything; mail programs post at once."""
    if request.method == "GET":
        return render_template("unsubscribe.html", viewer=None, name="", token=token)
    with house.database.write() as session:
        name = subscriptions.end_by_link(session, token, house.secret, now=now)
    return render_template("unsubscribe.html", viewer=None, name=name, token=token)
