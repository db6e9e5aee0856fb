"""The pages of alerts: what is watched and how it stands, made from any panel, muted, paused, deleted, brought back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, available_timezones

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from app.domain.alerts import Reading
from app.services import alert_choices, alerts
from app.services.alert_cards import AlertCard, Draft, EventCard, MemberCard
from app.values.alert import Rule
from app.values.errors import Forbidden, Invalid, NotFound, Refusal
from app.values.recurrence import Recurrence
from app.values.view import View
from app.values.viewer import Viewer
from app.values.words import say, words
from app.watching import offer, readings, seen_by
from app.web import alert_form as form_of
from app.web import schedule_form
from app.web.alert_form import Filled
from app.web.errors import status_of
from app.web.guard import signed_in_now
from app.web.schedules import people_known
from layouts import format as fmt
from layouts.alerting import KINDS, STATES, STEPS, rule_text, value_text
from layouts.columns import level_name
from layouts.dashboard import Dashboard
from queries.catalogue.model import Metric

if TYPE_CHECKING:
    from app.assembly import House

HERE = "/alerts"
MUTES = {"1": say("for a day"), "7": say("for a week"), "30": say("for 30 days")}
"""Days → what people call them."""

LOOKS = {"firing": "down", "error": "down", "pending": "", "no-data": "", "normal": "up", "": ""}
"""State → how its badge looks."""

TESTS = {"below": say("below"), "above": say("above"), "either": say("either (unusual only)")}
MOST_SHOWN = 12
MEMBER_DAYS = 7
"""How long a member is muted from the page."""


def pages(house: House, clock: Callable[[], datetime]) -> Blueprint:
    """/alerts, /alerts/new?view=/d/…&metric=… and /alerts/<id>."""
    door = Blueprint("alerts", __name__, template_folder="templates")

    @door.get(HERE)
    def listing() -> ResponseReturnValue:
        return _listing(house, clock())

    @door.get(f"{HERE}/new")
    def blank() -> ResponseReturnValue:
        return _blank(house, clock())

    @door.post(f"{HERE}/new")
    def create() -> ResponseReturnValue:
        return _save(house, clock(), None)

    @door.get(f"{HERE}/<alert_id>")
    def show(alert_id: str) -> ResponseReturnValue:
        viewer = _allowed()
        with house.database.read() as session:
            card = alerts.find(session, viewer, alert_id)
        filled = form_of.filled_by(card.draft, house.catalogue.metrics, card.version)
        return _editor(house, clock(), filled, alert_id)

    @door.post(f"{HERE}/<alert_id>")
    def change(alert_id: str) -> ResponseReturnValue:
        if request.form.get("do") in ("save", "check"):
            return _save(house, clock(), alert_id)
        return _act(house, clock(), alert_id, request.form.get("do", ""))

    return door


def _allowed() -> Viewer:
    viewer = signed_in_now()[1]
    viewer.require(alerts.PERMISSION)
    if viewer.context.scope.is_nothing:
        raise Forbidden("There is nothing you may see, so there is nothing to watch.")
    return viewer


def _listing(house: House, now: datetime) -> ResponseReturnValue:
    viewer = _allowed()
    with house.database.read() as session:
        kept, gone = alerts.listed(session, viewer), alerts.deleted(session, viewer, now=now)
    return render_template(
        "alerts.html",
        viewer=viewer,
        alerts=[(each, _said(house, viewer, each)) for each in kept],
        gone=gone,
        states=STATES,
        looks=LOOKS,
        mutes=MUTES,
        now=now,
        local=lambda at: _local(at, viewer.context.zone),
        done=request.args.get("done", ""),
    )


def _said(house: House, viewer: Viewer, card: AlertCard) -> dict[str, object]:
    """What a line of the list says of an alert."""
    context, rule = viewer.context, card.draft.rule
    metric = house.catalogue.metric(rule.metric)
    t = words(context.locale)
    worst = card.members[0] if card.members else None
    return {
        "rule": rule_text(rule, metric, context.locale, _currency(card.draft, viewer)),
        "view": _title(house, viewer, card.draft.view),
        "value": _value(worst, rule, metric, context.locale) if worst else "",
        "member": worst.name if worst else "",
        "reason": t(worst.reason) if worst else "",
        "when": Recurrence.parse(card.draft.recurrence).said(t) if card.draft.recurrence else t("With new data"),
    }


def _blank(house: House, now: datetime) -> ResponseReturnValue:
    viewer = _allowed()
    view = request.args.get("view", "")
    panel = _panel(house, viewer, view)
    known = house.catalogue.metrics
    wanted = request.args.get("metric", "")
    asked = [name for name in (wanted, *(panel or ())) if name in known and known[name].listed]
    metric = next((name for name in asked if not known[name].needs & viewer.context.masks), Filled().metric)
    title = words(viewer.context.locale)(known[metric].title)
    me = (f"person:{viewer.id}",) if viewer.kind == "person" else ()
    looks = "target" if metric in ("budget_attainment", "quota_attainment") else "threshold"
    view = view or str(View(house.dashboards[0].id))
    zone = viewer.context.zone
    filled = Filled(view=view, name=title, metric=metric, looks=looks, zone=zone, recipients=me)
    return _editor(house, now, filled)


def _save(house: House, now: datetime, alert_id: str | None) -> ResponseReturnValue:
    viewer, form = _allowed(), request.form
    filled = form_of.typed(form)
    today = house.today()
    try:
        draft = form_of.draft_in(filled, form, house.catalogue.metrics)
        if form.get("do") == "check":
            with house.database.read() as session:
                draft = alerts.settled(session, viewer, draft, offer(house), now)
            return _editor(house, now, filled, alert_id, found=_read(house, viewer, draft))
        with house.database.write() as session:
            if alert_id is None:
                kept = alerts.create(session, viewer, draft, offer(house), today=today, now=now)
            else:
                kept = alerts.change(
                    session, viewer, alert_id, draft, offer(house), version=filled.version, today=today, now=now
                )
    except Refusal as refusal:
        if isinstance(refusal, NotFound) and alert_id is not None:
            raise
        return _editor(house, now, filled, alert_id, refusal)
    return redirect(f"{HERE}/{kept.id}?done=saved", 302)


def _act(house: House, now: datetime, alert_id: str, wish: str) -> ResponseReturnValue:
    viewer = _allowed()
    with house.database.write() as session:
        match wish:
            case "mute":
                days = request.form.get("days", "")
                if days not in MUTES:
                    raise Invalid("There is no such change.")
                alerts.mute(session, viewer, alert_id, now + timedelta(days=int(days)), now=now)
            case "silence" | "speak":
                until = now + timedelta(days=MEMBER_DAYS) if wish == "silence" else None
                alert_choices.silence(session, viewer, alert_id, request.form.get("member", ""), until, now=now)
                return redirect(f"{HERE}/{alert_id}?done={wish}", 302)
            case "unmute":
                alerts.mute(session, viewer, alert_id, None, now=now)
            case "pause":
                alerts.pause(session, viewer, alert_id, now=now)
            case "resume":
                alerts.resume(session, viewer, alert_id, offer(house), today=house.today(), now=now)
            case "delete":
                alerts.remove(session, viewer, alert_id, now=now)
            case "restore":
                alerts.restore(session, viewer, alert_id, now=now)
            case _:
                raise Invalid("There is no such change.")
    return redirect(f"{HERE}?done={wish}", 302)


def _editor(
    house: House,
    now: datetime,
    filled: Filled,
    alert_id: str | None = None,
    refusal: Refusal | None = None,
    found: Sequence[tuple[str, str, bool, str]] | None = None,
) -> ResponseReturnValue:
    viewer = _allowed()
    with house.database.read() as session:
        card = alerts.find(session, viewer, alert_id) if alert_id else None
        events = alerts.history(session, viewer, alert_id) if alert_id else []
        quiet = alert_choices.silent_until(session, viewer, alert_id, now) if alert_id else {}
        known = people_known(house, session, viewer, now)
    t = words(viewer.context.locale)
    can = offer(house)
    metrics = [each for each in house.catalogue.visible(viewer.context.masks) if each.id in can.metrics]
    page = render_template(
        "alert.html",
        viewer=viewer,
        card=card,
        filled=filled,
        title=_title(house, viewer, filled.view),
        metrics=[(each.id, t(each.title)) for each in metrics],
        levels=_levels(can.levels.get(filled.metric, frozenset()), house, viewer),
        kinds=KINDS,
        steps=STEPS,
        tests=TESTS,
        references=form_of.REFERENCES,
        times=form_of.WHEN,
        weekdays=schedule_form.WEEKDAYS,
        periods=schedule_form.PERIODS,
        people=known,
        zones=sorted(available_timezones()),
        found=found,
        members=[_member(each, card.draft, house, viewer, quiet) for each in card.members[:MOST_SHOWN]] if card else [],
        events=[_event(each, card.draft, house, viewer) for each in events] if card else [],
        states=STATES,
        looks=LOOKS,
        local=lambda at: _local(at, viewer.context.zone),
        sentence=refusal.sentence if refusal else "",
        done=request.args.get("done", ""),
    )
    return page, 200 if refusal is None else status_of(refusal)


def _read(house: House, viewer: Viewer, draft: Draft) -> list[tuple[str, str, bool, str]]:
    """What the rule finds now in the viewer's own rows: member, figure, whether it is beyond the bound, why not."""
    context, metric = viewer.context, house.catalogue.metric(draft.rule.metric)
    currency = _currency(draft, viewer)

    def told(each: Reading) -> tuple[str, str, bool, str]:
        beyond = each.judged is not None and draft.rule.is_breached_by(each.judged)
        text = value_text(each.value, draft.rule, metric, context.locale, currency)
        return each.name, text, beyond, words(context.locale)(each.why)

    found = [told(each) for each in readings(house, viewer, seen_by(house, viewer, draft.view), draft.rule)]
    return sorted(found, key=lambda each: not each[2])


def _member(
    each: MemberCard, draft: Draft, house: House, viewer: Viewer, quiet: Mapping[str, datetime]
) -> dict[str, object]:
    metric = house.catalogue.metric(draft.rule.metric)
    return {
        "member": each.member,
        "until": quiet.get(each.member),
        "name": each.name,
        "state": each.state,
        "since": each.since,
        "value": _value(each, draft.rule, metric, viewer.context.locale),
        "reason": each.reason,
    }


def _event(each: EventCard, draft: Draft, house: House, viewer: Viewer) -> dict[str, object]:
    metric = house.catalogue.metric(draft.rule.metric)
    return {
        "at": each.at,
        "who": each.who,
        "name": each.name,
        "state": each.state,
        "value": _value(each, draft.rule, metric, viewer.context.locale),
        "told": each.told,
        "reason": each.reason,
    }


def _value(each: MemberCard | EventCard, rule: Rule, metric: Metric, locale: str) -> str:
    return value_text(Decimal(each.value), rule, metric, locale, each.currency or "EUR") if each.value else ""


def _currency(draft: Draft, viewer: Viewer) -> str:
    try:
        return View.parse(draft.view).selection.currency or viewer.context.currency
    except Refusal:
        return viewer.context.currency


def _board(house: House, viewer: Viewer, address: str) -> tuple[View, Dashboard] | None:
    try:
        view = View.parse(address)
    except Refusal:
        return None
    found = next((each for each in house.dashboards if each.id == view.dashboard), None)
    return None if found is None or not found.is_open_to(viewer) else (view, found)


def _panel(house: House, viewer: Viewer, address: str) -> tuple[str, ...] | None:
    """The figures of the panel at an address."""
    opened = _board(house, viewer, address)
    panel = opened[1].panel(opened[0].panel or "") if opened else None
    return panel.query.metrics if panel is not None and not panel.needs & viewer.context.masks else None


def _title(house: House, viewer: Viewer, address: str) -> str:
    """The dashboard and the panel at an address, as the viewer calls them."""
    opened, t = _board(house, viewer, address), words(viewer.context.locale)
    if opened is None:
        return address[:120]
    view, board = opened
    panel = board.panel(view.panel or "")
    return f"{t(board.title)} · {t(panel.label)}" if panel is not None else t(board.title)


def _levels(levels: frozenset[str], house: House, viewer: Viewer) -> list[tuple[str, str]]:
    t = words(viewer.context.locale)
    wanted = [each.id for each in house.catalogue.levels.values() if each.id in levels]
    return [(each, fmt.heading(t(level_name(each)))) for each in wanted if each not in ("document", "line")]


def _local(instant: datetime | None, zone: str) -> str:
    """A moment by the clocks of a zone: "2026-11-23 07:00"."""
    return "" if instant is None else instant.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M")
