"""Times: figures over days, weeks, months and quarters, as Office programs draw them; and dots by two figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal

from app.domain.quadrant import QUADRANTS
from app.values.words import words
from layouts import format as fmt
from layouts.answered import AnsweredPanel, frame_scale
from layouts.columns import member_text, number, title_of
from layouts.curves import Curve, Curves, curves_of
from layouts.derive.quadrant import corner_names
from layouts.marks import MixShift, SmallMultiples
from layouts.narrative import years_of
from layouts.native.chart import Figure, NativeChart, Series, scale_code
from layouts.series import by_member, series_of
from layouts.settle import TRAIL
from queries.frame import Frame, Member

PALETTE = ("actual", "forecast", "last-year", "pos", "warn", "outline", "neg", "muted")
"""Colours of lines that are all alike; every second one is dashed, to differ without its colour too."""

SHADES = ("shade-4", "shade-3", "last-year", "shade-2", "shade-1", "land", "older")
"""Parts of a whole, from the largest to the smallest."""

TOLD_APART = 6
"""Lines of one chart that can be told apart."""

FARTHEST = Decimal(1)
APART = Decimal("0.5")
"""Growth, and margin rate off that of all, beyond which dots would push all others together."""

MOST_DOTS = 300

EARLIER = 4
"""Earlier periods behind a running total: more of them are a thicket that no legend names."""


def columns(answered: AnsweredPanel) -> NativeChart | None:
    """A column a step of time: last year lighter, the actual solid, the budget outlined."""
    frame, metric, dimension = answered.frame, answered.metric, answered.dimension
    if frame is None or metric is None or dimension is None:
        return None
    at = frame.index(dimension.id)
    places = [place for place, row in enumerate(frame.rows) if isinstance(row[at], Member)]
    places.sort(key=lambda place: _key(frame, place, at))
    shown = [
        (f"{metric.id}@last-year", "last-year", False), (metric.id, "actual", False),
        (f"{metric.id}@budget", "outline", True),
    ]  # fmt: skip
    series = []
    for name, colour, outlined in shown:
        values = _figures(frame, name, places) if frame.has(name) else ()
        if any(value is not None for value in values):
            title = title_of(frame.column(name), frame, answered.context.locale)
            series.append(Series(title, values, colour, outlined=outlined, column=name))
    names = tuple(fmt.time_name(_key(frame, place, at), answered.context.locale) for place in places)
    return _over_time(answered, names, series, kind="columns", rows=tuple(places), overlap=25) if series else None


def cumulative(answered: AnsweredPanel) -> NativeChart | None:
    """Running totals by day: this period's over all earlier ones, and over the plan."""
    curves, t = curves_of(answered), words(answered.context.locale)
    if curves is None or not curves.current.values:
        return None
    series = [
        _curve(curves, curve, _cycle(curves, curve, answered.context.locale), "older", width=1.0, listed=False)
        for place, curve in reversed(list(enumerate(curves.earlier[:EARLIER])))
        if place != curves.last_year
    ]
    if curves.last_year is not None:
        series.append(_curve(curves, curves.earlier[curves.last_year], t("Last year"), "last-year"))
    if curves.plan is not None:
        series.append(_curve(curves, curves.plan, t("Plan"), "outline", width=1.5, dashed=True))
    series.append(_curve(curves, curves.current, t("Actual"), "actual", width=2.75))
    days = [curves.cycle.start + timedelta(days=step) for step in range(curves.days)]
    names = tuple(fmt.day(day, answered.context.locale, year=False) for day in days)
    return _over_time(answered, names, series)


def _cycle(curves: Curves, curve: Curve, locale: str) -> str:
    """What an earlier month, quarter or year is called."""
    start = curve.start
    match curves.cycle.months:
        case 1:
            return fmt.month(start, locale, year=True)
        case 3 if start.month % 3 == 1:
            return fmt.time_name(f"{start.year}-Q{(start.month + 2) // 3}", locale)
        case 12 if start.month == 1:
            return str(start.year)
    return fmt.day(start, locale)


def _curve(
    curves: Curves, curve: Curve, name: str, colour: str, *, width: float = 2.0, dashed: bool = False,
    listed: bool = True,
) -> Series:  # fmt: skip
    values = curve.values[: curves.days]
    missing = (None,) * (curves.days - len(values))
    return Series(name, (*values, *missing), colour, "line", dashed=dashed, listed=listed, width=width)


def seasonal(answered: AnsweredPanel) -> NativeChart | None:
    """One line a year over the months January to December, the latest last and darkest."""
    by_year, locale = years_of(answered), answered.context.locale
    if not by_year:
        return None
    colours = ("actual", "last-year", "older")
    series = [
        Series(
            str(year), tuple(by_year[year].get(month) for month in range(1, 13)), colours[min(age, 2)], "line",
            width=2.75 - min(age, 2) * 0.75,
        )
        for age, year in reversed(list(enumerate(sorted(by_year, reverse=True))))
    ]  # fmt: skip
    names = tuple(fmt.time_name(f"2024-{month:02d}", locale, short=True) for month in range(1, 13))
    return _over_time(answered, names, series)


def bands(answered: AnsweredPanel) -> NativeChart | None:
    """Sales by week as a line; the weeks in which a campaign ran in another colour."""
    frame, t = answered.frame, words(answered.context.locale)
    if frame is None or answered.metric is None:
        return None
    places = [place for place, row in enumerate(frame.rows) if isinstance(row[0], Member)]
    values = _figures(frame, answered.metric.id, places)
    ran = tuple(v if frame.rows[place][2] else None for v, place in zip(values, places, strict=True))
    series = [Series(answered.metric.title, values, "actual", "line", column=answered.metric.id)]
    if any(value is not None for value in ran):
        series.append(Series(t("With a campaign"), ran, "forecast", "line", width=3.0))
    names = tuple(fmt.time_name(_key(frame, place, 0), answered.context.locale) for place in places)
    return _over_time(answered, names, series) if len(places) > 1 else None


def lines(answered: AnsweredPanel) -> NativeChart | None:
    """A line a member over time."""
    frame, found = answered.frame, by_member(answered)
    if frame is None or not found:
        return None
    steps = sorted({key for values in found.values() for key in values})
    level = frame.columns[0].level
    named = {member_text(member, level, answered.context.locale): values for member, values in found.items()}
    return _alike(answered, steps, {name: [values.get(key) for key in steps] for name, values in named.items()})


def multiples(answered: AnsweredPanel) -> NativeChart | None:
    """The members with the largest figures as lines of one chart: a program of figures draws no small ones."""
    months, found = series_of(answered)
    most = min(TOLD_APART, answered.mark.most if isinstance(answered.mark, SmallMultiples) else TOLD_APART)
    return _alike(answered, months, {each.name: list(each.values) for each in found[:most]}, len(found))


def shares(answered: AnsweredPanel) -> NativeChart | None:
    """What each member makes of the whole, month by month."""
    frame = answered.frame
    if frame is None or not frame.has("share") or len(frame.columns) < 3:
        return None
    at = frame.index("share")
    found: dict[Member, dict[str, Figure | None]] = {}
    for row in frame.rows:
        if isinstance(row[0], Member) and isinstance(row[1], Member):
            found.setdefault(row[0], {})[row[1].key] = number(row[at])
    months = sorted({key for points in found.values() for key in points})
    level, locale = frame.columns[0].level, answered.context.locale
    named = {member_text(each, level, locale): [points.get(key) for key in months] for each, points in found.items()}
    return _alike(answered, months, named, code="0%", unit="%")


def _alike(
    answered: AnsweredPanel, steps: Sequence[str], found: Mapping[str, Sequence[Figure | None]], everyone: int = 0,
    *, code: str = "", unit: str = "",
) -> NativeChart | None:  # fmt: skip
    """Lines of which none is more than another."""
    if len(steps) < 2 or not found:
        return None
    shown = list(found.items())[: len(PALETTE)]
    series = [
        Series(name, tuple(values), PALETTE[place], "line", dashed=place % 2 == 1)
        for place, (name, values) in enumerate(shown)
    ]
    names = tuple(fmt.time_name(key, answered.context.locale) for key in steps)
    note, every = "", max(everyone, len(found))
    if every > len(shown):
        t = words(answered.context.locale)
        note = t("{shown} of {all} are drawn; the table has all.", shown=len(shown), all=every)
    return _over_time(answered, names, series, code=code, unit=unit, note=note)


def mix_shift(answered: AnsweredPanel) -> NativeChart | None:
    """Columns that are all 100 %, a quarter each, cut by goods; the quarters of each buyer stand together."""
    frame, locale = answered.frame, answered.context.locale
    if frame is None or not frame.rows or not isinstance(answered.mark, MixShift):
        return None
    quarters = [column for column in frame.columns if column.metric == "share"]
    shares_of = {(row[0], row[1]): row for row in frame.rows if isinstance(row[0], Member)}
    buyers = list(dict.fromkeys(who for who, _ in shares_of))[: answered.mark.most]
    goods = list(dict.fromkeys(what for who, what in shares_of if who in buyers))
    series = []
    for place, what in enumerate(goods):
        found = [shares_of.get((who, what)) for who in buyers]
        values = [number(row[frame.index(each.id)]) if row else None for row in found for each in quarters]
        name = member_text(what, frame.columns[1].level, locale)
        series.append(Series(name, tuple(values), SHADES[min(place, len(SHADES) - 1)]))
    names = tuple(fmt.time_name(each.id, locale) for _ in buyers for each in quarters)
    groups = tuple(member_text(who, frame.columns[0].level, locale) for who in buyers for _ in quarters)
    return NativeChart(
        "columns", names, tuple(series), "0%", unit="%", head=frame.columns[0].title, stacking="percent", overlap=100,
        gap=12, groups=groups,
    )  # fmt: skip


def trend(answered: AnsweredPanel) -> NativeChart | None:
    """The thirteen steps behind a card."""
    frame, metric = answered.frames.get("trail"), answered.metric
    if frame is None or metric is None or not frame.has(metric.id):
        return None
    places = sorted(
        (place for place, row in enumerate(frame.rows) if isinstance(row[0], Member)),
        key=lambda place: _key(frame, place, 0),
    )[-TRAIL:]
    values = _figures(frame, metric.id, places)
    known = [value for value in values if value is not None]
    if len(known) < 2:
        return None
    names = tuple(fmt.time_name(_key(frame, place, 0), answered.context.locale) for place in places)
    scale = fmt.scale_for(known, metric.unit or "count", answered.context.locale, frame.currency)
    line = Series(metric.title, values, "actual", "line", width=2.5)
    return NativeChart("lines", names, (line,), scale_code(scale), unit=scale.label, head=frame.columns[0].title)


def timeline(answered: AnsweredPanel) -> NativeChart | None:
    """Each document as a dot on its day, and the sum of the twelve months to each as a line above them."""
    frame, metric = answered.frame, answered.metric
    if frame is None or metric is None or not frame.rows:
        return None
    days = [date.fromisoformat(_key(frame, place, 0)) for place in range(len(frame.rows))]
    amounts, rolling = _figures(frame, metric.id, range(len(days))), _figures(frame, "rolling", range(len(days)))
    largest = sorted(range(len(days)), key=lambda place: -abs(Decimal(amounts[place] or 0)))[:MOST_DOTS]
    shown = sorted(largest)
    scale, returned = frame_scale(answered), [_key(frame, place, 2) == "credit_note" for place in shown]
    dots = Series(
        metric.title, tuple(amounts[place] for place in shown), "actual", "dots",
        x=tuple(days[place] for place in shown), points=tuple("neg" if back else "actual" for back in returned),
    )  # fmt: skip
    line = Series(
        frame.column("rolling").title, tuple(rolling[place] for place in shown), "last-year", "line",
        x=tuple(days[place] for place in shown), secondary=True,
    )  # fmt: skip
    sums = fmt.scale_for(line.values, "money", answered.context.locale, frame.currency)
    return NativeChart(
        "scatter", tuple(member_text(frame.rows[place][1], "document", answered.context.locale) for place in shown),
        (line, dots), scale_code(scale), unit=scale.label, head=frame.columns[1].title, across=frame.columns[0].title,
        x_format="yyyy-mm-dd", secondary_format=scale_code(sums),
    )  # fmt: skip


def quadrant(answered: AnsweredPanel) -> NativeChart | None:
    """Members as dots by growth and margin rate, each corner in its colour."""
    frame, t = answered.frame, words(answered.context.locale)
    if frame is None or frame.totals is None or not frame.has("corner"):
        return None
    middle = Decimal(number(frame.totals[frame.index("margin_rate")]) or 0)
    colours = {"promote": "pos", "defend": "actual", "reprice": "forecast", "review": "neg"}
    names, every = corner_names(t), range(len(frame.rows))
    growth, rate = _figures(frame, "growth", every), _figures(frame, "margin_rate", every)
    corners = frame.values("corner")
    placed = {
        each: [at for at in every if corners[at] == names[each] and _is_near(growth[at], rate[at], middle)]
        for each in QUADRANTS
    }
    shown = [at for own in placed.values() for at in own]
    if not shown:
        return None
    level, locale = frame.columns[0].level, answered.context.locale
    left = len(frame.rows) - len(shown)
    note = t.n("{n} is farther out, and in the table only.", "{n} are farther out, and in the table only.", left)
    return NativeChart(
        "scatter", tuple(member_text(frame.rows[place][0], level, locale) for place in shown),
        tuple(
            Series(names[each], tuple(rate[at] if at in own else None for at in shown), colours[each], "dots",
                   x=tuple(growth[at] or 0 for at in shown))
            for each, own in placed.items() if own
        ),
        "0%", unit=frame.column("margin_rate").title, head=frame.columns[0].title, across=frame.column("growth").title,
        x_format="0%", note=note if left else "",
    )  # fmt: skip


def _is_near(growth: Figure | None, rate: Figure | None, middle: Decimal) -> bool:
    return (
        growth is not None
        and rate is not None
        and abs(Decimal(growth)) <= FARTHEST
        and abs(Decimal(rate) - middle) <= APART
    )


def _over_time(
    answered: AnsweredPanel, names: tuple[str, ...], series: Sequence[Series], *, kind: str = "lines",
    rows: tuple[int, ...] = (), overlap: int = 0, code: str = "", unit: str = "", note: str = "",
) -> NativeChart:  # fmt: skip
    scale = frame_scale(answered)
    step = next((c for c in (answered.frame.columns if answered.frame else ()) if c.level in _STEPS), None)
    return NativeChart(
        "columns" if kind == "columns" else "lines", names, tuple(series), code or scale_code(scale),
        unit=unit or scale.label or (answered.metric.title if answered.metric is not None else ""),
        head=step.title if step is not None else "", overlap=overlap, rows=rows, note=note,
    )  # fmt: skip


_STEPS = frozenset({"day", "week", "month", "quarter", "year"})


def _key(frame: Frame, place: int, at: int) -> str:
    value = frame.rows[place][at]
    return value.key if isinstance(value, Member) else ""


def _figures(frame: Frame, name: str, places: Sequence[int]) -> tuple[Figure | None, ...]:
    at = frame.index(name)
    return tuple(number(frame.rows[place][at]) for place in places)
