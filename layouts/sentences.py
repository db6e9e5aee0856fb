"""Sentences: the three that matter, picked by fixed rules: target status, largest variance, largest mover."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal

from app.values.words import words
from layouts import format as fmt
from layouts.answered import AnsweredPanel, best_reference
from layouts.card import card_face
from layouts.lede import Phrase, gap_phrases, lede, places_phrases, stale_phrases, standing_phrases
from layouts.marks import Bullets, Card, Columns, Cumulative, Movers, Risks, VarianceBars, Waterfall
from layouts.narrative import FINDINGS, money, named_figures

MOST = 3

Ready = Sequence[AnsweredPanel]


def sentences(panels: Sequence[AnsweredPanel]) -> tuple[str, ...]:
    """At most three sentences about answered panels, in the reader's language.

    Each rule says one thing or nothing; what no rule says is filled from the panels' own findings, in their order, one
    of each kind. Where nothing was sold, or nothing is there at all, that is the only sentence.
    """
    if stale_phrases(panels):
        return (_text(lede(panels)),)
    ready = [each for each in panels if each.state == "ready"]
    if not ready:
        return tuple(dict.fromkeys(each.sentence for each in panels if each.sentence))[:MOST]
    told = [said for rule in RULES if (said := rule(ready))]
    return tuple(dict.fromkeys([*told, *_findings(ready)]))[:MOST]


def target_status(ready: Ready) -> str:
    """Net sales against plan and last year, all of them or month by month."""
    sales = _card(ready, "net_sales")
    if sales is not None:
        return _text(standing_phrases(sales))
    return _parted(places_phrases(ready))[0] or _finding(ready, (Columns,))


def quota_status(ready: Ready) -> str:
    """The quota, where no plan was told of."""
    quota, sales = _card(ready, "quota_attainment"), _card(ready, "net_sales")
    if quota is None or (sales is not None and _has_plan(sales)):
        return ""
    face = card_face(quota)
    if face.state is None:
        return ""
    t = words(quota.context.locale)
    state = fmt.within(face.state[0], quota.context.locale)
    return t("{title}: {value}, {state}.", title=face.title, value=face.value_text, state=state)


def largest_variance(ready: Ready) -> str:
    """Who is furthest behind the plan, or else behind the comparison; failing that, what a plan's picture says."""
    gap = _text(gap_phrases(_first(ready, VarianceBars)))
    if gap:
        return gap
    extremes = _parted(places_phrases(ready))[1] if _card(ready, "net_sales") is None else ""
    return extremes or _finding(ready, (VarianceBars, Bullets, Waterfall))


def largest_mover(ready: Ready) -> str:
    """Whoever moved most of all the members that are held against a comparison, and is not the largest variance."""
    said = largest_variance(ready)
    moves = [
        (panel, name, value, reference)
        for panel in ready
        if isinstance(panel.mark, Movers) and panel.frame is not None and panel.metric is not None
        if (reference := best_reference(panel.frame, panel.metric.id)) is not None
        for name, value in named_figures(panel.frame, f"{panel.metric.id}@{reference}:delta", panel.context.locale)
        if value and name not in said
    ]
    if not moves:
        return ""
    panel, name, value, reference = max(moves, key=lambda move: (abs(move[2]), move[1]))
    told = {"name": name, "amount": money(panel, Decimal(value), plus=True)}
    told["reference"] = fmt.reference_name(reference, panel.context.locale)
    return words(panel.context.locale)("{name} moved most: {amount} against {reference}.", **told)


def pressing(ready: Ready) -> str:
    """What needs attention, or how the period runs."""
    return _finding(ready, (Risks, Cumulative))


RULES: tuple[Callable[[Ready], str], ...] = (target_status, quota_status, largest_variance, largest_mover, pressing)
"""In the order in which they speak."""


def _findings(ready: Ready) -> list[str]:
    """Each panel's finding; marks that tell the same kind of thing speak once."""
    kinds: dict[object, str] = {}
    for each in ready:
        if each.finding and not isinstance(each.mark, Movers):
            kinds.setdefault(FINDINGS.get(type(each.mark)), each.finding)
    return list(kinds.values())


def _finding(ready: Ready, marks: tuple[type, ...]) -> str:
    for mark in marks:
        found = next((each.finding for each in ready if isinstance(each.mark, mark) and each.finding), "")
        if found:
            return found
    return ""


def _first(ready: Ready, mark: type) -> AnsweredPanel | None:
    return next((each for each in ready if isinstance(each.mark, mark)), None)


def _card(ready: Ready, metric: str) -> AnsweredPanel | None:
    return next((each for each in ready if isinstance(each.mark, Card) and each.mark.metric == metric), None)


def _has_plan(sales: AnsweredPanel) -> bool:
    return sales.frame is not None and any(
        column.role == "reference" and column.versus == "budget" and "budget" not in sales.frame.partial
        for column in sales.frame.columns
    )


def _parted(phrases: Sequence[Phrase]) -> tuple[str, str]:
    """The sentence about all, and the one about the members that stand out."""
    gaps = [at for at, phrase in enumerate(phrases) if phrase.text == " "]
    return (_text(phrases[: gaps[0]]), _text(phrases[gaps[0] :])) if gaps else (_text(phrases), "")


def _text(phrases: Sequence[Phrase]) -> str:
    return "".join(phrase.text for phrase in phrases).strip()
