"""Narrative: what a picture shows, in one sentence that is computed and never guessed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

from app.values.words import language_of, words
from layouts import format as fmt
from layouts import marks
from layouts.answered import AnsweredPanel, best_reference, is_nobody
from layouts.attainment import attainment_of
from layouts.columns import level_name, member_text, number
from layouts.findings import customers, people, products
from layouts.findings.campaigns import bands, campaigns
from layouts.findings.cumulative import cumulative
from layouts.findings.discounts import discounts
from layouts.findings.grid import grid
from layouts.findings.pareto import pareto
from layouts.findings.quality import reconciled
from layouts.findings.risks import risks
from layouts.findings.shares import shares
from layouts.findings.shift import mix_shift
from layouts.findings.waterfall import waterfall
from layouts.marks import (
    Bands,
    Bullets,
    Campaigns,
    Columns,
    Cumulative,
    Distribution,
    Grid,
    HeatTable,
    Keeping,
    Ledger,
    Lines,
    Map,
    Matrix,
    Mix,
    Movers,
    Needed,
    Pareto,
    Quadrant,
    RankedBars,
    Ranking,
    Reconciled,
    Risks,
    Seasonal,
    ShareLines,
    SmallMultiples,
    Tail,
    TreeTable,
    VarianceBars,
    Waterfall,
)
from queries.frame import Column, Frame, Member

STREAK = 3
"""Months in a row before a run is worth a sentence."""

_WORDS = ("none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def count_word(count: int, locale: str = "en") -> str:
    """Small numbers in words: "three"; larger ones, and those of languages whose words bend, in digits."""
    return _WORDS[count] if count < len(_WORDS) and language_of(locale) == "en" else str(count)


def finding(answered: AnsweredPanel) -> str:
    """The panel's finding; empty when there is nothing certain to say."""
    if answered.state != "ready" or answered.frame is None or answered.metric is None:
        return ""
    told = FINDINGS.get(type(answered.mark))
    return fmt.heading(told(answered)) if told else ""


def named_figures(frame: Frame, column_id: str, locale: str) -> list[tuple[str, Decimal]]:
    """Each row's member name and figure, without the rows that lack either."""
    dimension = next((at for at, column in enumerate(frame.columns) if column.role == "dimension"), None)
    if dimension is None or not frame.has(column_id):
        return []
    at, level = frame.index(column_id), frame.columns[dimension].level
    return [
        (member_text(row[dimension], level, locale), Decimal(figure))
        for row in frame.rows
        if (figure := number(row[at])) is not None
    ]


def _total(frame: Frame, column_id: str) -> Decimal | None:
    """The asked total of a column."""
    if frame.totals is None or not frame.has(column_id):
        return None
    figure = number(frame.totals[frame.index(column_id)])
    return None if figure is None else Decimal(figure)


def money(answered: AnsweredPanel, value: Decimal, *, plus: bool = False) -> str:
    """A figure in a sentence, with its currency and scale: "€8.30M"."""
    frame, metric = _answer(answered)
    return fmt.compact(value, metric.unit or "money", answered.context.locale, frame.currency, plus=plus)


def _answer(answered: AnsweredPanel) -> tuple[Frame, Column]:
    """The answer and its first figure; `finding` has made sure that both are there."""
    if answered.frame is None or answered.metric is None:
        raise ValueError("a finding needs an answer")
    return answered.frame, answered.metric


def _variance(answered: AnsweredPanel) -> str:
    frame, metric = _answer(answered)
    reference = best_reference(frame, metric.id)
    if reference is None:
        return _ranked(answered)
    delta = f"{metric.id}@{reference}:delta"
    rows = int(getattr(answered.mark, "rows", 8))
    named = sorted(named_figures(frame, delta, answered.context.locale), key=lambda pair: (-abs(pair[1]), pair[0]))[
        :rows
    ]
    if not named:
        return _ranked(answered)
    total = _total(frame, delta)
    t = words(answered.context.locale)
    told = {"reference": fmt.reference_name(reference, answered.context.locale)}
    worst, gap = min(named, key=lambda pair: (pair[1], pair[0]))
    best, lead = max(named, key=lambda pair: (pair[1], pair[0]))
    if total is None:
        who, how = (worst, gap) if gap < 0 and -gap >= lead else (best, lead)
        return t("{name} differs most from {reference}: {amount}.", name=who, amount=_plus(answered, how), **told)
    told["total"] = _plus(answered, total)
    if gap < 0 and len(named) > 1:
        told |= {"name": worst, "amount": _plus(answered, total - gap)}
        return t("{total} in all against {reference}; without {name} it would be {amount}.", **told)
    if lead > 0:
        told |= {"name": best, "amount": _plus(answered, lead)}
        return t("{total} in all against {reference}; {name} adds most, {amount}.", **told)
    return t("{total} in all against {reference}.", **told)


def _plus(answered: AnsweredPanel, value: Decimal) -> str:
    return money(answered, value, plus=True)


def _ranked(answered: AnsweredPanel) -> str:
    frame, metric = _answer(answered)
    locale = answered.context.locale
    somebody = replace(frame, rows=tuple(row for row in frame.rows if not is_nobody(row)))
    named = sorted(named_figures(somebody, metric.id, locale), key=lambda pair: (-pair[1], pair[0]))
    total = _total(frame, metric.id)
    if len(named) < 2 or total is None or total <= 0 or named[0][1] <= 0:
        return ""
    t, told = words(locale), {"name": named[0][0], "share": _share_text(named[0][1] / total, locale)}
    if len(named) > 4:
        told["top"] = _share_text(sum((value for _, value in named[:3]), Decimal(0)) / total, locale)
        return t("{name} leads with {share} of the total, the first three make {top}.", **told)
    return t("{name} leads with {share} of the total.", **told)


def _share_text(share: Decimal, locale: str) -> str:
    return fmt.percent(share, locale, 0 if share >= Decimal("0.1") else 1)


def _mix(answered: AnsweredPanel) -> str:
    frame, metric = _answer(answered)
    moves = share_moves(answered)
    if not moves:
        return _ranked(answered)
    name, move = max(moves, key=lambda pair: (abs(pair[1]), pair[0]))
    reference = best_reference(frame, metric.id, "last-year")
    if reference is None or abs(move) < Decimal("0.001"):
        return _ranked(answered)
    t, locale = words(answered.context.locale), answered.context.locale
    told = {
        "name": name,
        "size": fmt.points(abs(move), locale).removeprefix("+"),
        "reference": fmt.reference_name(reference, locale),
    }
    if move > 0:
        return t("{name} gained most: {size} of the total against {reference}.", **told)
    return t("{name} lost most: {size} of the total against {reference}.", **told)


def share_moves(answered: AnsweredPanel) -> list[tuple[str, Decimal]]:
    """Each member's share of the total now minus its share then."""
    frame, metric = answered.frame, answered.metric
    if frame is None or metric is None:
        return []
    reference = best_reference(frame, metric.id, "last-year")
    now = _total(frame, metric.id)
    then = _total(frame, f"{metric.id}@{reference}") if reference else None
    if not now or not then or now < 0 or then < 0:
        return []
    before = dict(named_figures(frame, f"{metric.id}@{reference}", answered.context.locale))
    return [
        (name, value / now - before[name] / then)
        for name, value in named_figures(frame, metric.id, answered.context.locale)
        if name in before
    ]


def _bullets(answered: AnsweredPanel) -> str:
    rows = attainment_of(answered)
    if not rows:
        return ""
    t, locale = words(answered.context.locale), answered.context.locale
    if len(rows) == 1:
        told = {"share": fmt.percent(rows[0].share, locale, 0), "pace": fmt.percent(rows[0].pace, locale, 0)}
        return t("{name} stands at {share}; pace is {pace}.", name=rows[0].name, **told)
    limit = int(getattr(answered.mark, "rows", 8))
    shown = rows if len(rows) <= limit else (*rows[: limit // 2], *rows[-(limit - limit // 2 - 1) :])
    behind = [row for row in rows if row.share < row.pace]
    if not behind:
        return t("all {count} are on pace or ahead.", count=count_word(len(rows), locale))
    ahead = len(rows) - len(behind)
    last = min(behind, key=lambda row: (row.share - row.pace, row.name))
    told = {"ahead": count_word(ahead, locale), "count": count_word(len(rows), locale)}
    if not ahead:
        standing_told = t("none of {count} is on pace or ahead", **told)
    else:
        standing_told = t.n(
            "{ahead} of {count} is on pace or ahead", "{ahead} of {count} are on pace or ahead", ahead, **told
        )
    if last not in shown:
        return f"{standing_told}."
    furthest = {"name": last.name, "share": fmt.percent(last.share, locale, 0)}
    return t("{standing}; {name} is furthest behind, at {share}.", standing=standing_told, **furthest)


def _columns(answered: AnsweredPanel) -> str:
    frame, metric = _answer(answered)
    reference = best_reference(frame, metric.id)
    if reference is None or answered.dimension is None:
        return ""
    deltas = [value for _, value in named_figures(frame, f"{metric.id}@{reference}:delta", answered.context.locale)]
    if not deltas:
        return ""
    ahead = sum(1 for value in deltas if value >= 0)
    level = level_name(answered.dimension.level or "month", plural=len(deltas) != 1)
    total = sum(deltas, Decimal(0))
    t, told = words(answered.context.locale), {"ahead": ahead, "count": len(deltas), "level": level}
    told |= {
        "reference": fmt.reference_name(reference, answered.context.locale),
        "amount": money(answered, total, plus=True),
    }
    if reference == "budget":
        if not ahead:
            return t("ahead of {reference} in none of {count} {level}, {amount} in all.", **told)
        return t("ahead of {reference} in {ahead} of {count} {level}, {amount} in all.", **told)
    if not ahead:
        return t("above {reference} in none of {count} {level}, {amount} in all.", **told)
    return t("above {reference} in {ahead} of {count} {level}, {amount} in all.", **told)


def _seasonal(answered: AnsweredPanel) -> str:
    by_year = years_of(answered)
    if len(by_year) < 2:
        return ""
    (last_year, before), (year, now) = sorted(by_year.items())[-2:]
    both = [month for month in now if month in before and not _is_running(answered, year, month)]
    if not both:
        return ""
    above = sum(1 for month in both if now[month] > before[month])
    peak = max(before, key=lambda month: (before[month], -month))
    name = fmt.month_name(peak, answered.context.locale)
    t = words(answered.context.locale)
    told = {"year": str(year), "before": str(last_year), "count": len(both), "above": above, "month": name}
    if not above:
        return t("{year} is above {before} in none of {count} complete months; {before} peaked in {month}.", **told)
    return t("{year} is above {before} in {above} of {count} complete months; {before} peaked in {month}.", **told)


def _is_running(answered: AnsweredPanel, year: int, month: int) -> bool:
    today = answered.context.today
    return (year, month) == (today.year, today.month)


def years_of(answered: AnsweredPanel) -> dict[int, dict[int, Decimal]]:
    """Year → month number → figure."""
    frame, metric = answered.frame, answered.metric
    found: dict[int, dict[int, Decimal]] = {}
    if frame is None or metric is None:
        return found
    at = frame.index(metric.id)
    for row in frame.rows:
        key, value = row[0], number(row[at])
        if isinstance(key, Member) and value is not None and len(key.key) == len("2026-11"):
            found.setdefault(int(key.key[:4]), {})[int(key.key[5:])] = Decimal(value)
    return found


def _heat(answered: AnsweredPanel) -> str:
    frame, metric = _answer(answered)
    change = f"{metric.id}@last-year:change"
    if not frame.has(change) or len(frame.columns) < 2:
        return ""
    decline = longest_decline(frame, metric.id)
    locale = answered.context.locale
    t = words(locale)
    if decline is not None:
        member, since = decline
        name = member_text(member, frame.columns[0].level, locale)
        return t("{name} has lost ground every month since {month}.", name=name, month=fmt.time_name(since, locale))
    cells = [value for row in frame.rows if (value := number(row[frame.index(change)])) is not None]
    grown = sum(1 for value in cells if value > 0)
    return t("{grown} of {count} cells have grown on last year.", grown=grown, count=len(cells)) if cells else ""


def longest_decline(frame: Frame, metric: str) -> tuple[Member, str] | None:
    """Who has been below last year for the most months up to the last one, and since when; None for a short run."""
    at = frame.index(f"{metric}@last-year:change")
    months: dict[Member, list[tuple[str, Decimal]]] = {}
    for row in frame.rows:
        member, month, figure = row[0], row[1], number(row[at])
        if isinstance(member, Member) and isinstance(month, Member) and figure is not None:
            months.setdefault(member, []).append((month.key, Decimal(figure)))
    runs = [(_streak(found), member) for member, found in months.items()]
    (length, since), member = max(runs, key=lambda run: (run[0][0], run[1].name), default=((0, ""), Member("", "")))
    return (member, since) if length >= STREAK else None


def _streak(months: list[tuple[str, Decimal]]) -> tuple[int, str]:
    """How many months in a row, to the last one, were below last year, and the first of them."""
    length, since = 0, ""
    for key, value in sorted(months, reverse=True):
        if value >= 0:
            break
        length, since = length + 1, key
    return length, since


FINDINGS: dict[type, Callable[[AnsweredPanel], str]] = {
    marks.Flow: customers.customer_flow,
    marks.Timeline: customers.timeline,
    marks.Declining: customers.declining,
    marks.Frequent: customers.frequent,
    marks.Deciles: customers.deciles,
    marks.Segmented: customers.segmented,
    marks.MixShift: mix_shift,
    marks.Discounts: discounts,
    marks.SegmentGrid: customers.segment_grid,
    marks.Preferred: products.preferred,
    marks.Cohorts: customers.cohorts,
    marks.OwnRhythm: customers.own_rhythm,
    marks.Response: customers.response,
    VarianceBars: _variance,
    RankedBars: _ranked,
    Ledger: _ranked,
    Map: _ranked,
    Mix: _mix,
    Cumulative: cumulative,
    Bullets: _bullets,
    Columns: _columns,
    Seasonal: _seasonal,
    HeatTable: _heat,
    Grid: grid,
    ShareLines: shares,
    Risks: risks,
    Bands: bands,
    Campaigns: campaigns,
    Reconciled: reconciled,
    Pareto: pareto,
    Matrix: products.attach,
    Quadrant: products.quadrant,
    Tail: products.tail,
    TreeTable: products.tree,
    Waterfall: waterfall,
    Movers: _variance,
    Distribution: people.distribution,
    SmallMultiples: people.multiples,
    Lines: people.lines,
    Ranking: people.ranking,
    Needed: people.needed,
    Keeping: people.keeping,
}
