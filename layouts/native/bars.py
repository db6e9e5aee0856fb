"""Bars: members beside each other, as Office programs draw them."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from app.values.words import words
from layouts import format as fmt
from layouts.answered import AnsweredPanel, best_reference, frame_scale, is_nobody
from layouts.attainment import Attainment, attainment_of
from layouts.columns import member_text, number, others_name, sentiment_of, title_of
from layouts.derive.distribution import REACHED
from layouts.marks import Waterfall
from layouts.native.chart import OTHERS, Figure, NativeChart, Series, scale_code
from queries.frame import Frame, Member

DWARFING = 1.5
"""Others that outweigh the largest row by more than this are left to the table: they would flatten all bars."""

MOST = 24
"""Bars of a chart that can still be read."""

WORTH_CUTTING = Decimal("0.4")
"""Levels so large that all that happens between them takes less than this part of them do not begin at zero."""

TONES = {"pos": "pos", "neg": "neg", "none": "last-year"}


def ranked(answered: AnsweredPanel) -> NativeChart | None:
    """The largest first, last year's lighter behind them, the others last."""
    frame, metric, dimension = answered.frame, answered.metric, answered.dimension
    if frame is None or metric is None or dimension is None:
        return None
    reference = best_reference(frame, metric.id, "last-year")
    at = frame.index(metric.id)
    found = [place for place, row in enumerate(frame.rows) if number(row[at]) is not None]
    found.sort(key=lambda place: -Decimal(number(frame.rows[place][at]) or 0))
    rows = found[: min(int(getattr(answered.mark, "rows", MOST)), MOST)]
    rest = None if frame.others is None else number(frame.others[at])
    largest = max((Decimal(number(frame.rows[place][at]) or 0) for place in rows), default=Decimal(0))
    if rest is not None and Decimal(rest) <= Decimal(str(DWARFING)) * largest:
        rows = [*rows, OTHERS]
    shown = ((f"{metric.id}@{reference}", "last-year"),) if reference else ()
    series = tuple(
        _of_column(frame, answered, name, colour, rows, labelled=name == metric.id)
        for name, colour in (*shown, (metric.id, "actual"))
    )
    return _members(answered, frame, rows, series, overlap=45) if rows else None


def variance(answered: AnsweredPanel) -> NativeChart | None:
    """The value of each member and its difference from a reference, the most favourable on top."""
    frame, metric = answered.frame, answered.metric
    reference = best_reference(frame, metric.id) if frame is not None and metric is not None else None
    if frame is None or metric is None or reference is None:
        return ranked(answered)
    delta = frame.column(f"{metric.id}@{reference}:delta")
    at = frame.index(delta.id)
    found = [place for place, row in enumerate(frame.rows) if number(row[at]) is not None and not is_nobody(row)]
    largest = sorted(found, key=lambda place: -abs(Decimal(number(frame.rows[place][at]) or 0)))
    sign = -1 if metric.better == "down" else 1
    rows = sorted(
        largest[: int(getattr(answered.mark, "rows", MOST))],
        key=lambda place: -sign * Decimal(number(frame.rows[place][at]) or 0),
    )
    if not rows:
        return ranked(answered)
    tones = tuple(TONES[sentiment_of(number(frame.rows[place][at]), delta.better)] for place in rows)
    value = _of_column(frame, answered, metric.id, "actual", rows, labelled=True)
    code = scale_code(frame_scale(answered), plus=True, more=1)
    moved = _of_column(frame, answered, delta.id, "pos", rows, labelled=True, points=tones, number_format=code)
    return _members(answered, frame, rows, (value, moved), gap=50)


def mix(answered: AnsweredPanel) -> NativeChart | None:
    """What each member makes of the whole, with its former share lighter behind it."""
    frame, metric = answered.frame, answered.metric
    if frame is None or metric is None:
        return None
    reference = best_reference(frame, metric.id, "last-year")
    columns = [(metric.id, "actual"), *([(f"{metric.id}@{reference}", "last-year")] if reference else [])]
    totals = {name: _total(frame, name) for name, _ in columns}
    if not totals[metric.id]:
        return ranked(answered)
    at = frame.index(metric.id)
    rows = sorted(range(len(frame.rows)), key=lambda place: -Decimal(number(frame.rows[place][at]) or 0))
    rows = [*rows[: int(getattr(answered.mark, "rows", MOST))], *([OTHERS] if frame.others is not None else [])]
    t = words(answered.context.locale)
    series = []
    for name, colour in reversed(columns):
        whole = totals[name]
        if whole:
            values = tuple(None if v is None else Decimal(v) / whole for v in _values(frame, name, rows))
            title = t("Share, {reference}", reference=fmt.reference_name(reference or "", answered.context.locale))
            named = t("Share") if name == metric.id else title
            series.append(Series(named, values, colour, labelled=name == metric.id))
    return _members(answered, frame, rows, tuple(series), overlap=45, code="0%", unit="%")


def bullets(answered: AnsweredPanel) -> NativeChart | None:
    """Attainment in its outlined plan; what is missing to where it should stand today shows lighter behind it."""
    everyone, t = attainment_of(answered), words(answered.context.locale)
    if not everyone:
        return None
    shown = _ends(everyone, int(getattr(answered.mark, "rows", 8)))
    series = (
        Series(t("Plan"), tuple(1 for _ in shown), "outline", outlined=True),
        Series(t("Pace today"), tuple(each.pace for each in shown), "last-year"),
        Series(t("Attainment"), tuple(each.share for each in shown), "actual", labelled=True),
    )
    return NativeChart(
        "bars", tuple(each.name for each in shown), series, "0%", unit="%", head=_head(answered), overlap=100,
        reverse=True, note=_left_out(answered, len(everyone), len(shown)),
    )  # fmt: skip


def ranking(answered: AnsweredPanel) -> NativeChart | None:
    """Members by attainment, each with a bar of its amount and the share attained written at its end."""
    everyone, locale, t = attainment_of(answered), answered.context.locale, words(answered.context.locale)
    if not everyone or answered.frame is None:
        return None
    shown = _ends(everyone, int(getattr(answered.mark, "rows", 16)))
    scale = fmt.scale_for([each.actual for each in shown], "money", locale, answered.frame.currency)
    amounts = tuple(each.actual for each in shown)
    texts = tuple(f"{scale.text(each.actual)} · {fmt.percent(each.share, locale, 0)}" for each in shown)
    return NativeChart(
        "bars", tuple(each.name for each in shown), (Series(t("Net sales"), amounts, "actual", texts=texts),),
        scale_code(scale), unit=scale.label, head=_head(answered), reverse=True,
        note=_left_out(answered, len(everyone), len(shown)),
    )  # fmt: skip


def pareto(answered: AnsweredPanel) -> NativeChart | None:
    """The largest members as columns, what they make together so far as a line over them."""
    frame, metric = answered.frame, answered.metric
    if frame is None or metric is None or not frame.has("cumulative"):
        return None
    # What is left of a class stands in a row of its own, which would flatten all others.
    rows = [place for place, row in enumerate(frame.rows) if isinstance(row[0], Member)]
    if not rows:
        return None
    amounts = _of_column(frame, answered, metric.id, "actual", rows)
    running = _of_column(frame, answered, "cumulative", "forecast", rows, drawn="line", secondary=True)
    return _members(answered, frame, rows, (amounts, running), kind="columns")


def distribution(answered: AnsweredPanel) -> NativeChart | None:
    """How many stand in each bin, those from the quota on solid."""
    frame = answered.frame
    if frame is None or not frame.has("members"):
        return None
    rows = list(range(len(frame.rows)))
    tones = tuple("actual" if place >= REACHED else "last-year" for place in rows)
    people = _of_column(frame, answered, "members", "actual", rows, labelled=True, points=tones)
    return _members(answered, frame, rows, (people,), kind="columns", gap=25, code="#,##0", unit=people.name)


def flow(answered: AnsweredPanel) -> NativeChart | None:
    """Customers by quarter on one another: who stayed, returned and came; who lapsed below the line."""
    frame, t = answered.frame, words(answered.context.locale)
    if frame is None or not frame.rows or not frame.has("lapsed"):
        return None
    rows = list(range(len(frame.rows)))
    before, lapsed = _values(frame, "before", rows), _values(frame, "lapsed", rows)
    stayed = tuple((was or 0) + (went or 0) for was, went in zip(before, lapsed, strict=True))
    series = (
        Series(t("Stayed"), stayed, "actual"),
        Series(t("Returned"), _values(frame, "returned", rows), "last-year", column="returned"),
        Series(t("New"), _values(frame, "new", rows), "pos", column="new"),
        Series(t("Lapsed"), lapsed, "neg", column="lapsed"),
    )
    return _members(
        answered, frame, rows, series, kind="columns", stacked=True, overlap=100, code="#,##0", unit=t("Customers")
    )


def waterfall(answered: AnsweredPanel) -> NativeChart | None:
    """Columns on one another: a clear base lifts each step to where the one before it ended."""
    frame, metric, locale = answered.frame, answered.metric, answered.context.locale
    if frame is None or metric is None or answered.dimension is None:
        return None
    levels = answered.mark.levels if isinstance(answered.mark, Waterfall) else ()
    at, where = frame.index(metric.id), frame.index(answered.dimension.id)
    steps: list[tuple[str, Decimal, Decimal, str, str]] = []
    reached, scale = Decimal(0), frame_scale(answered)
    for row in frame.rows:
        member, value = row[where], number(row[at])
        if not isinstance(member, Member) or value is None:
            continue
        is_level = member.key in levels
        start = Decimal(0) if is_level else reached
        reached = start + Decimal(value)
        tone = "actual" if is_level else TONES[sentiment_of(value, metric.better)]
        name = member_text(member, answered.dimension.level, locale)
        steps.append((name, start, reached, tone, scale.text(value, plus=not is_level)))
    if not steps:
        return None
    return NativeChart(
        "columns", tuple(step[0] for step in steps), stacked(answered, steps), scale_code(scale), unit=scale.label,
        head=answered.dimension.title, stacking="stacked", overlap=100, gap=40, minimum=_ground(steps),
    )  # fmt: skip


def stacked(answered: AnsweredPanel, steps: Sequence[tuple[str, Decimal, Decimal, str, str]]) -> tuple[Series, ...]:
    """The base nearest to zero, what is seen on it on the same side of zero, and what lies across."""
    t = words(answered.context.locale)
    base, seen, across = [], [], []
    for _, start, end, _, _ in steps:
        low, high = min(start, end), max(start, end)
        base.append(low if low > 0 else high if high < 0 else Decimal(0))
        seen.append(high - low if low > 0 else low - high if high < 0 else high if high > 0 else low)
        across.append(low if low < 0 < high else None)
    names = {"actual": t("Standing"), "pos": t("Favourable"), "neg": t("Unfavourable"), "last-year": t("Step")}
    series = [Series(t("Base"), tuple(base), "surface", unseen=True, listed=False)]
    for tone, name in names.items():
        own = [step[3] == tone for step in steps]
        if any(own):
            values = tuple(value if mine else None for value, mine in zip(seen, own, strict=True))
            texts = tuple(step[4] if mine else "" for step, mine in zip(steps, own, strict=True))
            series.append(Series(name, values, tone, texts=texts))
    if any(value is not None for value in across):
        tones = tuple(step[3] for step in steps)
        series.append(Series(t("Below zero"), tuple(across), "last-year", points=tones, listed=False))
    return tuple(series)


def _ground(steps: Sequence[tuple[str, Decimal, Decimal, str, str]]) -> Decimal | None:
    """Where the axis begins when all that happens does so far above zero; None at zero."""
    tops = [end for _, _, end, _, _ in steps] + [start for _, start, _, tone, _ in steps if tone != "actual"]
    lowest, highest = min(tops), max(tops)
    moved = highest - lowest
    if lowest <= 0 or moved >= WORTH_CUTTING * highest:
        return None
    ground = lowest - max(moved, highest / 50) * Decimal("0.45")
    return ground.quantize(Decimal(1).scaleb(ground.adjusted() - 1))


def _members(
    answered: AnsweredPanel, frame: Frame, rows: Sequence[int], series: tuple[Series, ...], *,
    kind: str = "bars", stacked: bool = False, overlap: int = 0, gap: int = 60, code: str = "", unit: str = "",
) -> NativeChart:  # fmt: skip
    """A chart whose categories are rows of the frame."""
    scale, dimension = frame_scale(answered), answered.dimension
    at = 0 if dimension is None else frame.index(dimension.id)
    level, locale = None if dimension is None else dimension.level, answered.context.locale
    names = tuple(
        others_name(frame, locale) if row == OTHERS else member_text(frame.rows[row][at], level, locale) for row in rows
    )
    return NativeChart(
        kind="columns" if kind == "columns" else "bars",
        categories=names,
        series=series,
        number_format=code or scale_code(scale),
        unit=unit or scale.label or (answered.metric.title if answered.metric is not None else ""),
        head=_head(answered),
        stacking="stacked" if stacked else "",
        overlap=overlap,
        gap=gap,
        reverse=kind == "bars",
        rows=tuple(rows),
        note=_left_out(answered, len(frame.rows), len([row for row in rows if row != OTHERS])),
    )


def _of_column(
    frame: Frame, answered: AnsweredPanel, name: str, colour: str, rows: Sequence[int], **more: object
) -> Series:
    title = title_of(frame.column(name), frame, answered.context.locale)
    return Series(title, _values(frame, name, rows), colour, column=name, **more)  # type: ignore[arg-type]


def _values(frame: Frame, name: str, rows: Sequence[int]) -> tuple[Figure | None, ...]:
    at = frame.index(name)
    return tuple(number((frame.others or ())[at] if row == OTHERS else frame.rows[row][at]) for row in rows)


def _total(frame: Frame, name: str) -> Decimal | None:
    figure = None if frame.totals is None else number(frame.totals[frame.index(name)])
    return Decimal(figure) if figure is not None and figure > 0 else None


def _ends(everyone: Sequence[Attainment], limit: int) -> list[Attainment]:
    """The first and, if there are many, the last."""
    if len(everyone) <= limit:
        return list(everyone)
    return [*everyone[: limit - limit // 2], *everyone[-(limit // 2) :]]


def _head(answered: AnsweredPanel) -> str:
    return answered.dimension.title if answered.dimension is not None else ""


def _left_out(answered: AnsweredPanel, everyone: int, shown: int) -> str:
    """That the chart has fewer than the table, where it does."""
    if everyone <= shown:
        return ""
    return words(answered.context.locale)("{shown} of {all} are drawn; the table has all.", shown=shown, all=everyone)
