"""Grid: which months are strong and weak, or whose last complete week moved most."""

from __future__ import annotations

from decimal import Decimal

from app.domain.figures import ZERO
from app.values.words import words
from layouts import format as fmt
from layouts.answered import AnsweredPanel
from layouts.columns import member_text, number
from layouts.derive.seasonality import PLAIN, SEASONAL
from queries.frame import Column, Frame


def grid(answered: AnsweredPanel) -> str:
    """What stands out of a table of months by years, or of members by weeks."""
    frame = answered.frame
    if frame is None or not frame.rows:
        return ""
    if frame.columns[0].id == "calendar_month":
        return _months(answered, frame)
    return _steps(answered, frame)


def _months(answered: AnsweredPanel, frame: Frame) -> str:
    """Only a tested season is called one."""
    t, locale = words(answered.context.locale), answered.context.locale
    index = next((column for column in frame.columns if column.id in (SEASONAL, PLAIN)), None)
    if index is None:
        return t("Two complete years are needed to compare months.")
    at = frame.index(index.id)
    figures = [(Decimal(value), row) for row in frame.rows if (value := number(row[at])) is not None]
    strong, weak = max(figures, key=lambda each: each[0]), min(figures, key=lambda each: each[0])
    told = {
        "strong": member_text(strong[1][0], None, locale),
        "weak": member_text(weak[1][0], None, locale),
        "above": _off(strong[0], index, frame, locale),
        "below": _off(weak[0], index, frame, locale),
    }
    if index.id == SEASONAL:
        return t(
            "Seasonal: {strong} is the strongest month, {above} on an ordinary one; {weak} the weakest, {below}.",
            **told,
        )
    return t(
        "No season is proven; {strong} was strongest, {above} on an ordinary month, {weak} weakest, {below}.", **told
    )


def _off(index: Decimal, column: Column, frame: Frame, locale: str) -> str:
    if column.unit == "money":
        return fmt.compact(index, "money", locale, frame.currency, plus=True)
    return fmt.percent(index - 1, locale, 0, plus=True)


def _steps(answered: AnsweredPanel, frame: Frame) -> str:
    """Whose last complete week is furthest from the mean of the weeks before it."""
    t, locale, metric = words(answered.context.locale), answered.context.locale, answered.metric
    today = answered.context.today.isocalendar()
    running = f"{today.year}-W{today.week:02d}"
    steps = [c for c in frame.columns if metric is not None and c.metric == metric.metric and c.id != running]
    if metric is None or len(steps) < 3:
        return ""
    moves: list[tuple[Decimal, str]] = []
    for row in frame.rows:
        figures = [Decimal(number(row[frame.index(column.id)]) or 0) for column in steps]
        mean = sum(figures[:-1], ZERO) / (len(figures) - 1)
        if mean > 0:
            moves.append((figures[-1] - mean, member_text(row[0], frame.columns[0].level, locale)))
    if not moves:
        return ""
    move, who = max(moves, key=lambda each: (abs(each[0]), each[1]))
    if not move:
        return ""
    told = {
        "who": who,
        "move": fmt.compact(move, metric.unit or "quantity", locale, frame.currency, plus=True),
        "week": fmt.time_name(steps[-1].id, locale),
        "count": len(steps) - 1,
    }
    return t("{who} moved most in {week}: {move} on the mean of the {count} weeks before.", **told)
