"""Campaigns: which worked and which did not, and when nothing more than a change can be said."""

from __future__ import annotations

from decimal import Decimal

from app.values.words import words
from layouts import format as fmt
from layouts.answered import AnsweredPanel
from layouts.columns import member_text, number
from queries.frame import Frame, Row

PLAIN = Decimal("0.05")
"""An effect smaller than this is not told from none."""


def campaigns(answered: AnsweredPanel) -> str:
    """The strongest and the weakest by their effect; without any control group only the changes."""
    frame = answered.frame
    if frame is None or not frame.rows:
        return ""
    t, locale = words(answered.context.locale), answered.context.locale
    effects = _by(frame, "effect")
    if not effects:
        changes = _by(frame, "last_year")
        if not changes:
            return t("There are no days to compare these campaigns with.")
        change, row = changes[-1]
        told = {"who": _name(row, locale), "change": fmt.percent(change, locale, plus=True)}
        return t(
            "{who} saw the largest change, {change} on last year; without a control group that is no effect.", **told
        )
    (best, first), (worst, last) = effects[-1], effects[0]
    told = {
        "best": _name(first, locale),
        "worst": _name(last, locale),
        "gain": fmt.points(best, locale),
        "loss": fmt.points(worst, locale),
        "amount": fmt.compact(number(first[frame.index("effect_amount")]), "money", locale, frame.currency, plus=True),
    }
    if best >= PLAIN and worst < PLAIN and len(effects) > 1:
        return t(
            "{best} worked: {gain} more growth than regions without a campaign, {amount}; {worst} did not: {loss}.",
            **told,
        )
    if best >= PLAIN:
        return t("{best} worked: {gain} more growth than regions without a campaign, {amount}.", **told)
    return t("No campaign made a visible difference; the strongest was {best}, {gain}.", **told)


def _by(frame: Frame, column: str) -> list[tuple[Decimal, Row]]:
    at = frame.index(column)
    found = [(Decimal(value), row) for row in frame.rows if (value := number(row[at])) is not None]
    return sorted(found, key=lambda each: each[0])


def _name(row: Row, locale: str) -> str:
    return member_text(row[0], "campaign", locale)


def bands(answered: AnsweredPanel) -> str:
    """In how many of the weeks a campaign ran."""
    frame, t = answered.frame, words(answered.context.locale)
    if frame is None or not frame.rows:
        return ""
    ran = sum(1 for row in frame.rows if row[2] is not None)
    if not ran:
        return t("No campaign ran in these weeks.")
    return t("A campaign ran in {ran} of {count} weeks.", ran=ran, count=len(frame.rows))
