"""Pace: who stands where against the whole quota, where they should stand today, and what is needed from here on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from app.domain.pace import Pace
from app.domain.pace import pace as stand
from app.values.calendar import Span
from app.values.context import QueryContext
from app.values.errors import Invalid
from app.values.hierarchy import NO_MEMBER
from app.values.selection import Selection
from app.values.words import Words, words
from layouts.columns import number
from queries.frame import Column, Frame, Member, Row, Value


def pace(frames: Mapping[str, Frame], _selection: Selection, context: QueryContext) -> Frame:
    """A row a member, the highest attainment first, those without a quota last.

    "main" has one level and quota_attainment, net_sales and quota to date; "rest" beside it the quota still to come.
    Columns: the level; `quota_attainment` (to date), `net_sales`, `quota` (to date); `whole`, the quota of the whole
    period; `attained` of it; `gap` to where one should stand today; `run_rate` and `required`, money a working day so
    far and from here on; `days_left`, working days; `status`. Invalid where the period has no days of its own.
    """
    main, t = frames["main"], words(context.locale)
    span = main.provenance.span
    if span is None:
        raise Invalid("Pace needs a period with a beginning and an end.")
    rest, ends = _rest(frames.get("rest"), span)
    whole = Span.whole(span.start, ends)
    at_actual, at_plan = main.index("net_sales"), main.index("quota")
    found: list[tuple[Decimal, str, Row, Pace]] = []
    for row in main.rows:
        member, actual, due = row[0], _figure(row[at_actual]), _figure(row[at_plan])
        if not isinstance(member, Member) or member.key == NO_MEMBER:
            continue
        target = None if due is None and member.key not in rest else (due or Decimal(0)) + rest.get(member.key, 0)
        stands = stand(actual or Decimal(0), target, whole, span.last_day, context.calendar, expected=due)
        sold = (member, row[main.index("quota_attainment")], actual, due)
        rank = Decimal(-1) if stands.attainment is None else stands.attainment
        found.append((rank, member.name, (*sold, *_standing(stands, t)), stands))
    found.sort(key=lambda each: (-each[0], each[1]))
    reasons = {
        (at, column): reason
        for at, (_, _, _, stands) in enumerate(found)
        for column, reason in (("attained", stands.reason), ("required", stands.required_reason))
        if reason is not None
    }
    return Frame(
        (main.columns[0], *_columns(main, t)),
        tuple(row for _, _, row, _ in found),
        main.provenance,
        main.currency,
        reasons=reasons,
        notes=main.notes,
        partial=main.partial,
    )


def status_names(t: Words) -> dict[str, str]:
    """What each status is called."""
    return {
        "not_started": t("Not started"),
        "exceeded": t("Exceeded"),
        "achieved": t("Reached"),
        "missed": t("Missed"),
        "at_risk": t("At risk"),
        "on_track": t("On track"),
    }


def _rest(frame: Frame | None, span: Span) -> tuple[dict[str, Decimal], date]:
    if frame is None or not frame.has("quota") or frame.provenance.span is None:
        return {}, span.end_exclusive
    at = frame.index("quota")
    ahead = {
        row[0].key: figure
        for row in frame.rows
        if isinstance(row[0], Member) and (figure := _figure(row[at])) is not None
    }
    return ahead, frame.provenance.span.end_exclusive


def _figure(value: Value) -> Decimal | None:
    figure = number(value)
    return None if figure is None else Decimal(figure)


def _standing(stands: Pace, t: Words) -> Row:
    status = status_names(t)[stands.status] if stands.status is not None else ""
    return (
        stands.target, stands.attainment, stands.gap, stands.run_rate, stands.required, stands.days_left, status,
    )  # fmt: skip


def _columns(main: Frame, t: Words) -> tuple[Column, ...]:
    def money(name: str, title: str, better: str | None = None) -> Column:
        return Column(name, title, "metric", name, unit="money", format="money", better=better)

    to_date = main.column("quota_attainment")
    return (
        Column(to_date.id, t("Attained to date"), "metric", to_date.metric, unit="ratio", format="percent"),
        main.column("net_sales"),
        money("quota", t("Quota to date")),
        money("whole", t("Whole quota")),
        Column("attained", t("Of the whole"), "metric", "attained", unit="ratio", format="percent"),
        Column("gap", t("Ahead of pace"), "delta", "attained", unit="money", format="money", better="up"),
        money("run_rate", t("A working day, so far")),
        money("required", t("A working day, needed")),
        Column("days_left", t("Working days left"), "metric", "days_left", unit="count", format="integer"),
        Column("status", t("Status"), "dimension"),
    )
