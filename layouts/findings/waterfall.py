"""Waterfall: which step moved most, or what is left in the end and how that has changed."""

from __future__ import annotations

from decimal import Decimal

from app.values.words import language_of, words
from layouts import format as fmt
from layouts.answered import AnsweredPanel
from layouts.columns import member_text, number
from layouts.marks import Waterfall
from queries.frame import Column, Frame

Steps = list[tuple[str, Decimal]]


def waterfall(answered: AnsweredPanel) -> str:
    """ "Gross margin is 38.7% of gross sales, −0.3 pt on last year; discount moved it most, −0.8 pt." or, of plain
    amounts, "Most is added by volume, +€1.2M; most is taken by price, −€0.4M."."""
    frame, metric = answered.frame, answered.metric
    if frame is None or metric is None or not isinstance(answered.mark, Waterfall):
        return ""
    shares = [column for column in frame.columns if column.role == "metric" and column.unit in fmt.RATIOS]
    return _left(answered, frame, shares[0]) if shares else _moved(answered, frame, metric)


def _left(answered: AnsweredPanel, frame: Frame, share: Column) -> str:
    t, locale = words(answered.context.locale), answered.context.locale
    levels, _ = _split(answered, frame, share.id)
    if len(levels) < 2:
        return ""
    (first, _), (last, part) = levels[0], levels[-1]
    told = {"last": last, "part": fmt.percent(part, locale), "first": first}
    delta = next((c for c in frame.columns if c.role == "delta" and c.metric == share.metric), None)
    moves = dict(_split(answered, frame, delta.id)[0]) if delta else {}
    if delta is None or last not in moves:
        return t("{last} is {part} of {first}.", **told)
    against = fmt.reference_name(delta.versus or "", locale)
    told |= {"move": fmt.points(moves[last], locale), "against": against}
    steps = sorted(_split(answered, frame, delta.id)[1], key=lambda step: (-abs(step[1]), step[0]))
    if not steps or not steps[0][1]:
        return t("{last} is {part} of {first}, {move} on {against}.", **told)
    told |= {"step": steps[0][0], "by": fmt.points(steps[0][1], locale)}
    return t("{last} is {part} of {first}, {move} on {against}; {step} moved it most, {by}.", **told)


def _moved(answered: AnsweredPanel, frame: Frame, metric: Column) -> str:
    t = words(answered.context.locale)
    _, steps = _split(answered, frame, metric.id)
    if not steps:
        return ""
    (gainer, gain), (loser, loss) = max(steps, key=lambda step: step[1]), min(steps, key=lambda step: step[1])

    def amount(value: Decimal) -> str:
        return fmt.compact(value, metric.unit or "money", answered.context.locale, frame.currency, plus=True)

    told = {"gainer": gainer, "gain": amount(gain), "loser": loser, "loss": amount(loss)}
    if gain > 0 > loss:
        return t("Most is added by {gainer}, {gain}; most is taken by {loser}, {loss}.", **told)
    if gain > 0:
        return t("Most is added by {gainer}, {gain}.", **told)
    return t("Most is taken by {loser}, {loss}.", **told) if loss < 0 else ""


def _split(answered: AnsweredPanel, frame: Frame, column_id: str) -> tuple[Steps, Steps]:
    """The levels and the steps by name, with their figure in a column; those without one left out."""
    levels: Steps = []
    steps: Steps = []
    standing = answered.mark.levels if isinstance(answered.mark, Waterfall) else ()
    at, dimension = frame.index(column_id), answered.dimension
    for row in frame.rows:
        member, value = row[0], number(row[at])
        level = dimension.level if dimension else None
        name = member_text(member, level, answered.context.locale)
        if level is None and language_of(answered.context.locale) == "en":
            # The name of a step is a word of the sentence, unlike that of a customer or product.
            name = name[:1].lower() + name[1:]
        if value is not None:
            (levels if getattr(member, "key", None) in standing else steps).append((name, Decimal(value)))
    return levels, steps
