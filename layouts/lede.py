"""Lede: the sentence at the head of a dashboard, from its answered panels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

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


def lede(answers: Sequence[AnsweredPanel]) -> tuple[Phrase, ...]:
    """The sentence at the head of a dashboard, from its answered panels; empty when nothing certain can be said."""
    stale = _stale_phrases(answers)
    if stale:
        return stale
    said = {answered.sentence if answered.state == "empty" else "" for answered in answers}
    if len(said) == 1 and "" not in said:
        return (Phrase(said.pop()),)
    ready = {answered.panel.id: answered for answered in answers if answered.state == "ready"}
    sales = next((a for a in ready.values() if isinstance(a.mark, Card) and a.mark.metric == "net_sales"), None)
    if sales is None:
        places = _places_phrases(tuple(ready.values()))
        if places:
            return places
        # Two marks that tell the same kind of thing, such as a map and its ranking, speak once.
        told = {FINDINGS.get(type(a.mark)): a.finding for a in reversed(ready.values()) if a.finding}
        findings = [a.finding for a in ready.values() if a.finding in told.values()][:2]
        return (Phrase(" ".join(findings)),) if findings else ()
    phrases = _standing_phrases(sales)
    gap = _gap_phrases(next((a for a in ready.values() if isinstance(a.mark, VarianceBars)), None))
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


def _standing_phrases(sales: AnsweredPanel) -> tuple[Phrase, ...]:
    record, locale = _record(sales), sales.context.locale
    frame = sales.frame
    value = record.get("net_sales")
    if value is None or frame is None:
        return ()
    phrases = [Phrase("Net sales are "), Phrase(fmt.compact(value, "money", locale, frame.currency), "strong")]
    span = span_of(sales.view.selection, sales.context)
    if span is not None and span.running:
        gone, whole = (span.end_exclusive - span.start).days, (span.whole_end - span.start).days
        phrases.append(Phrase(f" on day {gone} of {whole}"))
    told = []
    for versus in dict.fromkeys(column.versus for column in frame.columns if column.role == "reference"):
        change = record.get(f"net_sales@{versus}:change")
        if versus == "budget" and "budget" in frame.partial:
            continue
        if change is not None and versus is not None:
            told.append(_against(change, versus, locale))
    for position, phrase in enumerate(told):
        phrases += [Phrase(", " if position == 0 else " and "), phrase]
    return (*phrases, Phrase("."))


def _against(change: Decimal, versus: str, locale: str) -> Phrase:
    reference = "plan" if versus == "budget" else fmt.reference_name(versus, locale)
    if abs(change) < Decimal("0.0005"):
        return Phrase(f"level with {reference}", "strong")
    words = ("ahead of", "behind") if versus == "budget" else ("above", "below")
    size = fmt.percent(abs(change), locale)
    return Phrase(f"{size} {words[0] if change > 0 else words[1]} {reference}", "pos" if change > 0 else "neg")


def _gap_phrases(variance: AnsweredPanel | None) -> tuple[Phrase, ...]:
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
    against = "" if reference == "budget" else f" {fmt.reference_name(reference, locale)}"
    phrases = [Phrase(" "), Phrase(f"{name} is {size} behind{against}", "neg")]
    others = sum((-value for value, _ in short[1:]), Decimal(0))
    if others and -gap > others:
        phrases.append(Phrase(", more than all other shortfalls together"))
    return (*phrases, Phrase("."))


def _change_phrase(card: AnsweredPanel | None) -> tuple[Phrase, ...]:
    if card is None or card.frame is None:
        return ()
    record = _record(card)
    for column in card.frame.columns:
        change = record.get(column.id) if column.role == "change" else None
        if change is None or column.versus is None or abs(change) < Decimal("0.005"):
            continue
        word = "up" if change > 0 else "down"
        reference = fmt.reference_name(column.versus, card.context.locale)
        size = fmt.percent(abs(change), card.context.locale, 0)
        return (Phrase(f" {card.title} are {word} "), Phrase(size, "pos" if change > 0 else "neg"),
                Phrase(f" on {reference}."))  # fmt: skip
    return ()


def _stale_phrases(answers: Sequence[AnsweredPanel]) -> tuple[Phrase, ...]:
    """That everything looked at lies after the newest sale, and where to find that one."""
    first = next((each for each in answers if each.newest_sale is not None), None)
    newest = first.newest_sale if first is not None else None
    if first is None or newest is None:
        return ()
    selection, locale = first.view.selection, first.context.locale
    span = span_of(selection, first.context)
    when = fmt.period_name(str(period_of(selection)), span, locale)
    latest = last_quarter(newest)
    return (
        Phrase(f"Nothing has been sold in {when}: the newest sale is of "),
        Phrase(fmt.day(newest, locale), "strong"),
        Phrase(". "),
        Phrase(f"Look at {fmt.time_name(latest, locale)}", href=str(view_of_period(first.view, latest))),
        Phrase(" or at "),
        Phrase("all time", href=str(view_of_period(first.view, "all"))),
        Phrase("."),
    )


def _places_phrases(ready: Sequence[AnsweredPanel]) -> tuple[Phrase, ...]:
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
    head = (
        Phrase("Net sales are "),
        Phrase(size, "strong"),
        Phrase(", "),
        _against(sales / planned - 1, "budget", locale),
    )
    return (*head, Phrase("."), *_extremes(answered, gaps, ("ahead", "behind"), frame.currency))


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
    head = (
        Phrase("Net sales are "),
        Phrase(size, "strong"),
        Phrase(", "),
        _against(Decimal(change), "last-year", locale),
    )
    return (*head, Phrase("."), *_extremes(answered, gaps, ("above last year", "below last year"), frame.currency))


def _extremes(
    answered: AnsweredPanel, gaps: Mapping[str, Decimal], words: tuple[str, str], currency: str
) -> tuple[Phrase, ...]:
    """Who is furthest behind and who furthest ahead, of several."""
    if len(gaps) < 2:
        return ()
    locale = answered.context.locale
    worst, gap = min(gaps.items(), key=lambda pair: (pair[1], pair[0]))
    best, lead = max(gaps.items(), key=lambda pair: (pair[1], pair[0]))
    told = []
    if gap < 0:
        told.append(Phrase(f"{worst} is {fmt.compact(-gap, 'money', locale, currency)} {words[1]}", "neg"))
    if lead > 0:
        told.append(Phrase(f"{best} is {fmt.compact(lead, 'money', locale, currency)} {words[0]}", "pos"))
    phrases = [part for position, phrase in enumerate(told) for part in (Phrase("; " if position else " "), phrase)]
    return (*phrases, Phrase(".")) if phrases else ()
