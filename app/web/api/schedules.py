"""Schedules: what is sent when to whom; made, changed, paused, tried out and sent at once."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Literal

from pydantic import Field

from app.handing import offer
from app.previewing import preview as previewed
from app.services import contents, recipients, schedules, sharing
from app.services.drafts import Draft
from app.services.schedules import PERMISSION, ScheduleCard
from app.values.condition import Condition
from app.values.recurrence import Recurrence
from app.values.words import words
from app.web.api.door import Answer, Call, Door
from app.web.api.fields import DecimalText, Instant, Kept, Recipients, RecurrenceText, Zone, decimal_text
from app.web.api.files import KINDS, as_file, place_of
from app.web.api.shapes import Asked, Count, Page, Paged, Sent, Told
from layouts.render.formats import FORMATS

_CONTENTS = (
    "What is sent: addresses of dashboards or panels, “view:” with the id of a saved view, or “report:” with the id of "
    "a report; the latter two as they stand when it is sent."
)
_EXAMPLES = [["/d/overview?period=ytd", "report:k3Jd81_fQa0Z"]]
_FORMATS = f"Kinds of files: {', '.join(each.id for each in FORMATS)}."


class SendCondition(Sent):
    """When it is worth sending, decided for each recipient by the own figures. With “metric”, the metric over the
    first view is held against `bound`. `fresh_days`: wait until the newest sale is at most so many days old, for
    `wait_hours`; then it is sent all the same, and says so.
    """

    only_if: Literal["always", "not-empty", "changed", "metric"] = "always"
    metric: str = Field(default="", examples=["net_sales"])
    test: Literal["above", "below"] = "above"
    bound: DecimalText = "0"
    fresh_days: int | None = Field(default=None, ge=0, le=366)
    wait_hours: int = Field(default=4, ge=0, le=24)


class Schedule(Told):
    """A schedule. `said` is its recurrence in words; `version` grows with every change."""

    id: str
    name: str
    owner: str
    is_mine: bool
    contents: list[str] = Field(description=_CONTENTS)
    formats: list[str]
    recurrence: RecurrenceText
    said: str
    zone: Zone
    recipients: Recipients
    condition: SendCondition
    subject: str
    channel: str
    as_one: bool
    version: int
    paused_at: Instant | None
    pause_reason: str
    created_at: Instant
    changed_at: Instant
    deleted_at: Instant | None


class NewSchedule(Sent):
    """A schedule to keep. Without recipients it is sent to you."""

    name: str = Field(examples=["Monday numbers"])
    contents: list[str] = Field(min_length=1, max_length=10, description=_CONTENTS, examples=_EXAMPLES)
    formats: list[str] = Field(default_factory=lambda: ["pdf"], min_length=1, max_length=6, description=_FORMATS)
    recurrence: RecurrenceText
    zone: Zone | None = Field(default=None, description="Where its clocks are read; without it, yours.")
    recipients: Recipients = Field(default_factory=list)
    condition: SendCondition = Field(default_factory=SendCondition)
    subject: str = Field(default="", description="Of the message; its name if empty.")
    channel: str = Field(default="mail", description="The way it is sent.")
    as_one: bool = Field(default=False, description="Several contents as sections of one file, where a kind has them.")


class ScheduleChange(Sent):
    """What is to be different; what is left out stays."""

    name: str | None = None
    contents: list[str] | None = Field(default=None, min_length=1, max_length=10, description=_CONTENTS)
    formats: list[str] | None = Field(default=None, min_length=1, max_length=6, description=_FORMATS)
    recurrence: RecurrenceText | None = None
    zone: Zone | None = None
    recipients: Recipients | None = Field(default=None, min_length=1)
    condition: SendCondition | None = None
    subject: str | None = None
    channel: str | None = None
    as_one: bool | None = None


class Pause(Sent):
    """Why it pauses, for whoever looks at it."""

    reason: str = ""


class ScheduleTimes(Told):
    """The next times it is sent. `next` is the first of them that is planned; none while it is paused."""

    next: Instant | None
    times: list[Instant]
    zone: str


class TimesAsked(Asked):
    """When, in the words of a schedule."""

    recurrence: RecurrenceText
    zone: Zone | None = None
    count: Count = Field(default=5, ge=1, le=50)


class TestRun(Told):
    """A test that is on its way, to you alone: it is among the schedule’s runs."""

    run: str


class Reached(Told):
    """Somebody whom a schedule reaches now; `why_not` says why nothing would be sent, and is empty otherwise."""

    recipient: str
    name: str
    why_not: str


class PreviewAsked(Asked):
    """Whose message, and as which kind of file."""

    recipient: str = Field(max_length=300, examples=["person:7"])
    format: str = Field(max_length=10, examples=["pdf"])


def add(door: Door) -> None:
    """/schedules and /schedule-times."""
    _looking(door)
    _keeping(door)
    _acting(door)
    _foreseeing(door)


def _looking(door: Door) -> None:
    @door.operation("GET", "/schedules", scope="read", query=Kept, answers=Page[Schedule])
    def index(call: Call) -> Page[Schedule]:
        """Your schedules by name; to administrators everybody’s."""
        with call.reading() as session:
            if call.query.deleted:
                found = schedules.deleted(session, call.viewer, now=call.now)
            else:
                found = schedules.listed(session, call.viewer)
        return call.page([_told(call, each) for each in found], key=lambda each: (each.name.casefold(), each.id))

    @door.operation("GET", "/schedules/{schedule}", scope="read", answers=Schedule, etag=True)
    def show(call: Call, schedule: str) -> Schedule:
        """One schedule."""
        with call.reading() as session:
            return _told(call, schedules.find(session, call.viewer, schedule))


def _held(call: Call, schedule: str) -> Schedule:
    return _told(call, schedules.held(call.session, call.viewer, schedule))


def _held_by_any(call: Call, schedule: str) -> Schedule:
    return _told(call, schedules.held(call.session, call.viewer, schedule, overseen=True))


def _keeping(door: Door) -> None:
    def operation(method: str, path: str, **more: Any) -> Any:
        return door.operation(method, path, scope="write", permission=PERMISSION, **more)

    @operation("POST", "/schedules", takes=NewSchedule, answers=Schedule, status=201)
    def create(call: Call) -> Answer:
        """Have something sent, again and again.

        Everybody is sent the own rows, as they are when it is due.
        """
        wish = call.body
        draft = Draft(
            name=wish.name,
            views=tuple(wish.contents),
            formats=tuple(wish.formats),
            recurrence=wish.recurrence,
            zone=wish.zone or call.viewer.context.zone,
            recipients=tuple(wish.recipients) or oneself(call),
            condition=_condition(wish.condition),
            subject=wish.subject,
            channel=wish.channel,
            as_one=wish.as_one,
        )
        made = schedules.create(call.session, call.viewer, draft, offer(call.house), now=call.now)
        return Answer(_told(call, made), headers={"Location": place_of("schedules", made.id)})

    @operation("PATCH", "/schedules/{schedule}", takes=ScheduleChange, answers=Schedule, matches=_held, etag=True)
    def change(call: Call, schedule: str) -> Schedule:
        """Change a schedule of yours."""
        before = schedules.held(call.session, call.viewer, schedule)
        draft = _changed(before.draft, call.body)
        offered = offer(call.house)
        changed = schedules.change(
            call.session, call.viewer, schedule, draft, offered, version=before.version, now=call.now
        )
        return _told(call, changed)

    @operation("DELETE", "/schedules/{schedule}", status=204, matches=_held_by_any)
    def remove(call: Call, schedule: str) -> None:
        """Delete a schedule: nothing more is sent. It can be restored for 30 days."""
        schedules.remove(call.session, call.viewer, schedule, now=call.now)

    @operation("POST", "/schedules/{schedule}/restore", answers=Schedule)
    def restore(call: Call, schedule: str) -> Schedule:
        """Bring back a schedule that you deleted; it comes back paused."""
        return _told(call, schedules.restore(call.session, call.viewer, schedule, now=call.now))


def _acting(door: Door) -> None:
    def operation(act: str, **more: Any) -> Any:
        return door.operation("POST", f"/schedules/{{schedule}}/{act}", scope="write", permission=PERMISSION, **more)

    @operation("pause", takes=Pause, answers=Schedule)
    def pause(call: Call, schedule: str) -> Schedule:
        """Let nothing be sent until it is resumed."""
        reason = call.body.reason
        return _told(call, schedules.pause(call.session, call.viewer, schedule, reason=reason, now=call.now))

    @operation("resume", answers=Schedule)
    def resume(call: Call, schedule: str) -> Schedule:
        """Go on at the next of its times."""
        return _told(call, schedules.resume(call.session, call.viewer, schedule, offer(call.house), now=call.now))

    @operation("send", answers=Schedule, status=202)
    def send(call: Call, schedule: str) -> Schedule:
        """Send it now to all its recipients, beside its times."""
        return _told(call, schedules.send_now(call.session, call.viewer, schedule, now=call.now))

    @operation("test", answers=TestRun, status=202)
    def test(call: Call, schedule: str) -> TestRun:
        """Send it now to yourself and nobody else, whatever its condition."""
        return TestRun(run=schedules.send_test(call.session, call.viewer, schedule, now=call.now))


def _foreseeing(door: Door) -> None:
    def operation(path: str, **more: Any) -> Any:
        return door.operation("GET", path, **{"scope": "read", **more})

    @operation("/schedule-times", query=TimesAsked, answers=ScheduleTimes)
    def times(call: Call) -> ScheduleTimes:
        """When a schedule with this recurrence would be sent next: try one out."""
        wish, zone = call.query, call.query.zone or call.viewer.context.zone
        found = schedules.next_runs(wish.recurrence, zone, call.viewer.context.calendar, call.now, wish.count)
        return ScheduleTimes(next=found[0], times=list(found), zone=zone)

    @operation("/schedules/{schedule}/times", answers=ScheduleTimes)
    def next_times(call: Call, schedule: str) -> ScheduleTimes:
        """The next times a schedule is sent."""
        with call.reading() as session:
            card = schedules.find(session, call.viewer, schedule)
        draft, calendar = card.draft, call.viewer.context.calendar
        found = schedules.next_runs(draft.recurrence, draft.zone, calendar, call.now, 0 if card.paused_at else 5)
        return ScheduleTimes(next=card.next_due, times=list(found), zone=draft.zone)

    @operation("/schedules/{schedule}/recipients", query=Paged, answers=Page[Reached])
    def reached(call: Call, schedule: str) -> Page[Reached]:
        """Whom a schedule reaches now: roles and teams as the people in them; and why somebody would get nothing."""
        house, t = call.house, words(call.viewer.context.locale)
        trees, terms = house.trees(), house.terms()
        with call.reading() as session:
            card = schedules.find(session, call.viewer, schedule)
            sent = contents.contents_of(session, call.viewer, card.draft.views) if card.is_mine else ()
            found = []
            for each in recipients.spelled_out(session, card.draft.recipients):
                reader = recipients.reader(session, each, trees, terms, call.now)
                why = reader.why
                if reader.viewer is not None:
                    why = recipients.kept_from(reader.viewer, sent, house.dashboards)
                found.append(Reached(recipient=each, name=reader.name, why_not=t(why) if why else ""))
        return call.page(found, key=lambda each: (each.recipient,))

    @operation("/schedules/{schedule}/preview", scope="export", permission=PERMISSION, query=PreviewAsked, media=KINDS)
    def preview(call: Call, schedule: str) -> Answer:
        """What a recipient would get now, without the rows that you may not see; of several contents the first."""
        wish = call.query
        return as_file(previewed(call.house, call.viewer, schedule, wish.recipient, wish.format, call.now))


def oneself(call: Call) -> tuple[str, ...]:
    """The recipient that stands for whoever the token acts for."""
    with call.reading() as session:
        return (f"person:{sharing.person_of(session, call.viewer).id}",)


def _condition(wish: SendCondition) -> Condition:
    told = wish.model_dump(exclude={"only_if", "bound"})
    return Condition(kind=wish.only_if, bound=Decimal(wish.bound), **told)


def _changed(before: Draft, wish: ScheduleChange) -> Draft:
    told: dict[str, Any] = wish.model_dump(exclude={"contents", "condition"}, exclude_none=True)
    told |= {name: tuple(told[name]) for name in ("formats", "recipients") if name in told}
    if wish.contents is not None:
        told["views"] = tuple(wish.contents)
    if wish.condition is not None:
        told["condition"] = _condition(wish.condition)
    return Draft(**{**vars(before), **told})


def _told(call: Call, card: ScheduleCard) -> Schedule:
    draft, asked = card.draft, card.draft.condition
    condition = SendCondition(
        only_if=asked.kind,
        metric=asked.metric,
        test=asked.test,
        bound=decimal_text(asked.bound),
        fresh_days=asked.fresh_days,
        wait_hours=asked.wait_hours,
    )
    return Schedule(
        id=card.id,
        name=draft.name,
        owner=card.owner,
        is_mine=card.is_mine,
        contents=list(draft.views),
        formats=list(draft.formats),
        recurrence=draft.recurrence,
        said=Recurrence.parse(draft.recurrence).said(words(call.viewer.context.locale)),
        zone=draft.zone,
        recipients=list(draft.recipients),
        condition=condition,
        subject=draft.subject,
        channel=draft.channel,
        as_one=draft.as_one,
        version=card.version,
        paused_at=card.paused_at,
        pause_reason=card.pause_reason,
        created_at=card.created_at,
        changed_at=card.changed_at,
        deleted_at=card.deleted_at,
    )
