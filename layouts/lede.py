"""Lede: the sentence at the head of a dashboard, from its answered panels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from app.values.words import Text, Words, say, words
from layouts import format as fmt
from layouts.answered import AnsweredPanel, best_reference, is_nobody
from layouts.columns import member_text, number
from layouts.marks import Bullets, Card, Rows, VarianceBars
from layouts.narrative import FINDINGS, named_figures
from layouts.settle import last_quarter, period_of, span_of, view_of_period

Tone = Literal["plain", "strong", "pos", "neg"]


@dataclass(frozen=True)
class Phrase:
    """A piece of a sentence and how it is set: plain, strong, favourable or unfavourable; `href` where it leads."""

    text: str
    tone: Tone = "plain"
    href: str = ""


def phrased(t: Words, text: str, **parts: Phrase) -> tuple[Phrase, ...]:
    """A sentence in which each part is set its own way, in the order of the reader's language."""
    # The parts stand where their names are: the sentence is said with each name in its place, then taken apart there.
    said = t(text, **{name: f"\x00{name}\x00" for name in parts})
    pieces = said.split("\x00")
    return tuple(parts[piece] if at % 2 else Phrase(piece) for at, piece in enumerate(pieces) if piece)


def lede(answers: Sequence[AnsweredPanel]) -> tuple[Phrase, ...]:
    """The sentence at the head of a dashboard, from its answered panels; empty when nothing certain can be said."""
    stale = stale_phrases(answers)
    if stale:
        return stale
    said = {answered.sentence if answered.state == "empty" else "" for answered in answers}
    if len(said) == 1 and "" not in said:
        return (Phrase(said.pop()),)
    ready = {answered.panel.id: answered for answered in answers if answered.state == "ready"}
    sales = next((a for a in ready.values() if isinstance(a.mark, Card) and a.mark.metric == "net_sales"), None)
    if sales is None:
        places = places_phrases(tuple(ready.values()))
        if places:
            return places
        # Two marks that tell the same kind of thing, such as a map and its ranking, speak once.
        told = {FINDINGS.get(type(a.mark)): a.finding for a in reversed(ready.values()) if a.finding}
        findings = [a.finding for a in ready.values() if a.finding in told.values()][:2]
        return (Phrase(" ".join(findings)),) if findings else ()
    phrases = standing_phrases(sales)
    gap = gap_phrases(next((a for a in ready.values() if isinstance(a.mark, VarianceBars)), None))
    fresh = _change_phrase(next((a for a in ready.values() if a.panel.id == "new-customers"), None))
    return (*phrases, *gap, *fresh)


def _record(answered: AnsweredPanel) -> dict[str, Decimal]:
    frame = answered.frame
    if frame is None or not frame.rows:
        return {}
    return {
        column.id: Decimal(figure)
        for column, value in zip(frame.columns, frame.rows[0], strict=True)
        if (figure := number(value)) is not None
    }


def standing_phrases(sales: AnsweredPanel) -> tuple[Phrase, ...]:
    """Where net sales stand against plan and last year, from their card."""
    record, locale = _record(sales), sales.context.locale
    frame = sales.frame
    value = record.get("net_sales")
    if value is None or frame is None:
        return ()
    told = []
    for versus in dict.fromkeys(column.versus for column in frame.columns if column.role == "reference"):
        change = record.get(f"net_sales@{versus}:change")
        if versus == "budget" and "budget" in frame.partial:
            continue
        if change is not None and versus is not None:
            told.append(_against(change, versus, locale))
    parts = {"amount": Phrase(fmt.compact(value, "money", locale, frame.currency), "strong")}
    parts |= dict(zip(("first", "second"), told, strict=False))
    t, span = words(locale), span_of(sales.view.selection, sales.context)
    if span is None or not span.running:
        return phrased(t, _STANDING[len(told)], **parts)
    parts["day"] = Phrase(str((span.end_exclusive - span.start).days))
    parts["days"] = Phrase(str((span.whole_end - span.start).days))
    return phrased(t, _STANDING_ON_DAY[len(told)], **parts)


_STANDING = (
    say("Net sales are {amount}.", amount=""),
    say("Net sales are {amount}, {first}.", amount="", first=""),
    say("Net sales are {amount}, {first} and {second}.", amount="", first="", second=""),
)
"""By the number of comparisons that are told."""

_STANDING_ON_DAY = (
    say("Net sales are {amount} on day {day} of {days}.", amount="", day="", days=""),
    say("Net sales are {amount} on day {day} of {days}, {first}.", amount="", day="", days="", first=""),
    say(
        "Net sales are {amount} on day {day} of {days}, {first} and {second}.",
        amount="", day="", days="", first="", second="",
    ),
)  # fmt: skip


def _against(change: Decimal, versus: str, locale: str) -> Phrase:
    t, size = words(locale), fmt.percent(abs(change), locale)
    reference = t("plan") if versus == "budget" else fmt.reference_name(versus, locale)
    if abs(change) < Decimal("0.0005"):
        return Phrase(t("level with {reference}", reference=reference), "strong")
    if versus == "budget":
        told = t("{size} ahead of plan", size=size) if change > 0 else t("{size} behind plan", size=size)
    elif change > 0:
        told = t("{size} above {reference}", size=size, reference=reference)
    else:
        told = t("{size} below {reference}", size=size, reference=reference)
    return Phrase(told, "pos" if change > 0 else "neg")


def gap_phrases(variance: AnsweredPanel | None) -> tuple[Phrase, ...]:
    """The largest shortfall, and whether it outweighs all others together."""
    if variance is None or variance.frame is None or variance.metric is None:
        return ()
    reference = best_reference(variance.frame, variance.metric.id)
    if reference is None:
        return ()
    locale = variance.context.locale
    named = named_figures(variance.frame, f"{variance.metric.id}@{reference}:delta", locale)
    drawn = sorted(named, key=lambda pair: (-abs(pair[1]), pair[0]))[: int(getattr(variance.mark, "rows", 8))]
    short = sorted((value, name) for name, value in named if value < 0)
    if not short or len(named) < 2:
        return ()
    gap, name = short[0]
    if (name, gap) not in drawn:
        return ()
    size = fmt.compact(-gap, variance.metric.unit or "money", locale, variance.frame.currency)
    t = words(locale)
    if reference == "budget":
        told = t("{name} is {size} behind", name=name, size=size)
    else:
        against = fmt.reference_name(reference, locale)
        told = t("{name} is {size} behind {reference}", name=name, size=size, reference=against)
    others = sum((-value for value, _ in short[1:]), Decimal(0))
    if others and -gap > others:
        told_gap = phrased(t, say("{gap}, more than all other shortfalls together.", gap=""), gap=Phrase(told, "neg"))
        return (Phrase(" "), *told_gap)
    return (Phrase(" "), Phrase(told, "neg"), Phrase("."))


def _change_phrase(card: AnsweredPanel | None) -> tuple[Phrase, ...]:
    if card is None or card.frame is None:
        return ()
    record = _record(card)
    for column in card.frame.columns:
        change = record.get(column.id) if column.role == "change" else None
        if change is None or column.versus is None or abs(change) < Decimal("0.005"):
            continue
        parts = {
            "title": Phrase(card.title),
            "size": Phrase(fmt.percent(abs(change), card.context.locale, 0), "pos" if change > 0 else "neg"),
            "reference": Phrase(fmt.reference_name(column.versus, card.context.locale)),
        }
        up = say("{title} are up {size} on {reference}.", title="", size="", reference="")
        down = say("{title} are down {size} on {reference}.", title="", size="", reference="")
        return (Phrase(" "), *phrased(words(card.context.locale), up if change > 0 else down, **parts))
    return ()


def stale_phrases(answers: Sequence[AnsweredPanel]) -> tuple[Phrase, ...]:
    """That everything looked at lies after the newest sale, and where to find that one."""
    first = next((each for each in answers if each.newest_sale is not None), None)
    newest = first.newest_sale if first is not None else None
    if first is None or newest is None:
        return ()
    selection, locale = first.view.selection, first.context.locale
    span = span_of(selection, first.context)
    when = fmt.period_name(str(period_of(selection)), span, locale)
    t, latest = words(locale), last_quarter(newest)
    look = t("Look at {quarter}", quarter=fmt.time_name(latest, locale))
    return phrased(
        t,
        say(
            "Nothing has been sold in {when}: the newest sale is of {day}. {look} or at {all_time}.",
            when="",
            day="",
            look="",
            all_time="",
        ),
        when=Phrase(when),
        day=Phrase(fmt.day(newest, locale), "strong"),
        look=Phrase(look, href=str(view_of_period(first.view, latest))),
        all_time=Phrase(t("all time"), href=str(view_of_period(first.view, "all"))),
    )


def places_phrases(ready: Sequence[AnsweredPanel]) -> tuple[Phrase, ...]:
    """Where a dashboard holds members against their plan, or else against last year: how far off, and who most."""
    for each in ready:
        if isinstance(each.mark, Bullets) and each.panel.query.metrics[0] == "budget_attainment":
            return _against_plan(each)
    for each in ready:
        if isinstance(each.mark, Rows) and each.panel.query.metrics[0] == "net_sales" and each.panel.query.totals:
            return _against_last_year(each)
    return ()


def _against_plan(answered: AnsweredPanel) -> tuple[Phrase, ...]:
    frame, locale = answered.frame, answered.context.locale
    if frame is None:
        return ()
    at_actual, at_plan = frame.index("net_sales"), frame.index("budget")
    figures = [(row, Decimal(number(row[at_actual]) or 0), number(row[at_plan])) for row in frame.rows]
    sales = sum((actual for _, actual, _ in figures), Decimal(0))
    planned = sum((Decimal(plan) for _, _, plan in figures if plan is not None), Decimal(0))
    if planned <= 0 or not figures:
        return ()
    at, level = frame.index(frame.columns[0].id), frame.columns[0].level
    gaps = {
        member_text(row[at], level, locale): actual - Decimal(plan)
        for row, actual, plan in figures
        if plan is not None and not is_nobody(row)
    }
    size = fmt.compact(sales, "money", locale, frame.currency)
    against = _against(sales / planned - 1, "budget", locale)
    head = phrased(words(locale), _STANDING[1], amount=Phrase(size, "strong"), first=against)
    return (*head, *_extremes(answered, gaps, _PLAN_EXTREMES, frame.currency))


def _against_last_year(answered: AnsweredPanel) -> tuple[Phrase, ...]:
    frame, locale = answered.frame, answered.context.locale
    if frame is None or frame.totals is None or not frame.has("net_sales@last-year:change"):
        return ()
    sales = number(frame.totals[frame.index("net_sales")])
    change = number(frame.totals[frame.index("net_sales@last-year:change")])
    if sales is None or change is None:
        return ()
    size = fmt.compact(sales, "money", locale, frame.currency)
    gaps = dict(named_figures(frame, "net_sales@last-year:delta", locale))
    against = _against(Decimal(change), "last-year", locale)
    head = phrased(words(locale), _STANDING[1], amount=Phrase(size, "strong"), first=against)
    return (*head, *_extremes(answered, gaps, _YEAR_EXTREMES, frame.currency))


_PLAN_EXTREMES = (say("{name} is {size} ahead", name="", size=""), say("{name} is {size} behind", name="", size=""))
_YEAR_EXTREMES = (
    say("{name} is {size} above last year", name="", size=""),
    say("{name} is {size} below last year", name="", size=""),
)


def _extremes(
    answered: AnsweredPanel, gaps: Mapping[str, Decimal], told_as: tuple[Text, Text], currency: str
) -> tuple[Phrase, ...]:
    """Who is furthest behind and who furthest ahead, of several."""
    if len(gaps) < 2:
        return ()
    t, locale = words(answered.context.locale), answered.context.locale
    worst, gap = min(gaps.items(), key=lambda pair: (pair[1], pair[0]))
    best, lead = max(gaps.items(), key=lambda pair: (pair[1], pair[0]))
    told = []
    if gap < 0:
        told.append(Phrase(t(told_as[1], name=worst, size=fmt.compact(-gap, "money", locale, currency)), "neg"))
    if lead > 0:
        told.append(Phrase(t(told_as[0], name=best, size=fmt.compact(lead, "money", locale, currency)), "pos"))
    phrases = [part for position, phrase in enumerate(told) for part in (Phrase("; " if position else " "), phrase)]
    return (*phrases, Phrase(".")) if phrases else ()
