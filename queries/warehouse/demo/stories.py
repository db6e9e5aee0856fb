"""Stories: what was planted in the demo company, the questions that show it, and what their answers must say."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from queries.warehouse.demo.people import LEAVER, SUCCESSOR
from queries.warehouse.demo.plot import (
    DEARER_CATEGORY,
    FAILING_CAMPAIGN,
    FAILING_REGIONS,
    KEY_ACCOUNT,
    LAUNCHED_PRODUCT,
    SLIPPING_REGION,
    WINNING_CAMPAIGN,
    WINNING_REGIONS,
    Plot,
)

Figures = Mapping[str, Decimal | None]
"""A row's figures by column id: `net_sales`, `net_sales@last-year`, `net_sales@last-year:change` …"""

Answer = Mapping[tuple[str, ...], Figures]
"""Rows by the keys of their members; a question without `by` has the one row `()`."""


@dataclass(frozen=True)
class Question:
    """A question as `salient ask` takes it."""

    metrics: tuple[str, ...]
    period: str
    by: tuple[str, ...] = ()
    where: tuple[tuple[str, tuple[str, ...]], ...] = ()
    versus: tuple[str, ...] = ()

    def command(self) -> str:
        """The command line that asks it."""
        parts = ["salient ask", ",".join(self.metrics)]
        if self.by:
            parts.append(f"--by {','.join(self.by)}")
        if self.where:
            clauses = ";".join(f"{level}={','.join(members)}" for level, members in self.where)
            parts.append(f'--where "{clauses}"')
        parts.append(f"--period {self.period}")
        if self.versus:
            parts.append(f"--versus {','.join(self.versus)}")
        return " ".join(parts)


@dataclass(frozen=True)
class Story:
    """One thing that happened. `holds` judges the answers to `questions`, in their order."""

    id: str
    title: str
    happened: str
    questions: tuple[Question, ...]
    expectation: str
    holds: Callable[[Sequence[Answer]], bool]


def stories(today: date) -> tuple[Story, ...]:
    """All planted stories of a demo company built for `today`."""
    plot = Plot(today)
    return (
        _slipping_region(plot),
        _price_rise(plot),
        _rep_left(plot),
        _churning_account(plot),
        _campaign_worked(plot),
        _campaign_failed(plot),
        _bad_quarter(plot),
        _product_launch(plot),
    )


def months(first: date, last: date) -> str:
    """A period of whole months as it is written: `2026-05..2026-10`."""
    return f"{first:%Y-%m}..{last:%Y-%m}"


def _figure(answer: Answer, key: tuple[str, ...], column: str) -> Decimal:
    """A figure; a member without rows has sold nothing."""
    return answer.get(key, {}).get(column) or Decimal(0)


def _growth(answer: Answer, key: tuple[str, ...], metric: str = "net_sales") -> Decimal:
    before = _figure(answer, key, f"{metric}@last-year")
    return (_figure(answer, key, metric) - before) / abs(before) if before else Decimal(0)


def _slipping_region(plot: Plot) -> Story:
    asked = Question(("net_sales",), months(plot.slip, plot.month(1)), by=("region",), versus=("last-year",))

    def holds(answers: Sequence[Answer]) -> bool:
        growth = {key: _growth(answers[0], key) for key in answers[0]}
        slipping = growth.pop((SLIPPING_REGION,), Decimal(0))
        return slipping <= Decimal("-0.20") and slipping < min(growth.values()) - Decimal("0.05")

    return Story(
        "slipping-region",
        "Iberia East is slipping",
        f"Iberia East has lost ground since {plot.slip:%B %Y}, a third of its sales at first, half and more by now.",
        (asked,),
        "Iberia East is at least 20 % below last year and 5 points behind every other region.",
        holds,
    )


def _price_rise(plot: Plot) -> Story:
    asked = Question(
        ("margin_rate", "net_sales", "units"),
        months(plot.price_rise, plot.month(1)),
        by=("category",),
        versus=("last-year",),
    )

    def holds(answers: Sequence[Answer]) -> bool:
        (answer,) = answers
        gained = {
            key: _figure(answer, key, "margin_rate") - _figure(answer, key, "margin_rate@last-year") for key in answer
        }
        dearer = gained.pop((DEARER_CATEGORY,), Decimal(0))
        return dearer >= Decimal("0.04") and all(abs(other) <= Decimal("0.025") for other in gained.values())

    return Story(
        "price-rise",
        "Storage & Racking became dearer",
        f"List prices of Storage & Racking rose by 12 % on {plot.price_rise:%d %B %Y}; a little less of it is bought.",
        (asked,),
        "Its margin rate is at least 4 points above last year; no other category's moved by more than 2.5.",
        holds,
    )


def _rep_left(plot: Plot) -> Story:
    both = (("rep", (LEAVER, SUCCESSOR)),)
    # Goods sold before the move still come back for some weeks, and count against the one who sold them.
    after = Question(("net_sales", "quota"), months(plot.month(7), plot.month(1)), ("rep",), both, ("last-year",))
    before = Question(("net_sales", "quota"), months(plot.month(15), plot.month(10)), ("rep",), both)

    def holds(answers: Sequence[Answer]) -> bool:
        now, then = answers
        silent = _figure(now, (LEAVER,), "net_sales") <= 0 < _figure(then, (LEAVER,), "net_sales")
        return silent and _growth(now, (SUCCESSOR,)) >= Decimal("0.50")

    return Story(
        "rep-left",
        "Victor Stroud left, Amy Pemberton took over",
        f"Victor Stroud left before {plot.departure:%d %B %Y}; Amy Pemberton has his accounts, past sales stay his.",
        (after, before),
        "He sells nothing any more but keeps his history; her sales are at least half above last year.",
        holds,
    )


def _churning_account(plot: Plot) -> Story:
    asked = Question(
        ("net_sales", "orders"),
        months(plot.month(4), plot.month(1)),
        ("customer",),
        (("customer", (KEY_ACCOUNT,)),),
        ("last-year",),
    )
    before = Question(
        ("net_sales",), months(plot.month(24), plot.month(8)), ("customer",), (("customer", (KEY_ACCOUNT,)),)
    )

    def holds(answers: Sequence[Answer]) -> bool:
        now, then = answers
        return _figure(then, (KEY_ACCOUNT,), "net_sales") > 0 and (
            _figure(now, (KEY_ACCOUNT,), "net_sales") <= _figure(then, (KEY_ACCOUNT,), "net_sales") / 17
        )

    return Story(
        "churning-account",
        "A key account stopped buying",
        f"A leading customer of US Midwest bought less from {plot.churn:%B %Y} and nothing three months later.",
        (asked, before),
        "Its last four months bring less than one average month did before.",
        holds,
    )


def _campaign_worked(plot: Plot) -> Story:
    period = months(plot.winning[0], plot.winning[1])
    share = Question(("net_sales", "orders"), period, ("campaign",), (("region", WINNING_REGIONS),))
    effect = Question(("net_sales",), period, ("region",), (), ("last-year",))

    def holds(answers: Sequence[Answer]) -> bool:
        sold, regions = answers
        total = sum((_figure(sold, key, "net_sales") for key in sold), Decimal(0))
        through = _figure(sold, (WINNING_CAMPAIGN,), "net_sales") / total if total else Decimal(0)
        return through >= Decimal("0.20") and _lead(regions, WINNING_REGIONS) >= Decimal("0.15")

    return Story(
        "campaign-worked",
        "Northern Safety Days worked",
        "For three months a fair touring Sweden, Denmark and UK North brought a third of their orders, most on top.",
        (share, effect),
        "It brings over a fifth of these regions' sales, and they grow at least 15 points faster than the rest.",
        holds,
    )


def _lead(answer: Answer, regions: tuple[str, ...]) -> Decimal:
    """How much faster some regions grew together than all others together."""

    def growth(keys: list[tuple[str, ...]]) -> Decimal:
        now = sum((_figure(answer, key, "net_sales") for key in keys), Decimal(0))
        before = sum((_figure(answer, key, "net_sales@last-year") for key in keys), Decimal(0))
        return (now - before) / before if before else Decimal(0)

    chosen = [key for key in answer if key[0] in regions]
    return growth(chosen) - growth([key for key in answer if key[0] not in regions])


def _campaign_failed(plot: Plot) -> Story:
    period = months(plot.failing[0], plot.failing[1])
    cost = Question(("discount", "gross_sales", "margin_rate"), period, ("region",), (), ("last-year",))
    effect = Question(("net_sales",), period, ("region",), (), ("last-year",))
    through = Question(("net_sales", "discount"), period, ("campaign",), (("campaign", (FAILING_CAMPAIGN,)),))

    def rate(answer: Answer, suffix: str) -> Decimal:
        chosen = [key for key in answer if key[0] in FAILING_REGIONS]
        gross = sum((_figure(answer, key, f"gross_sales{suffix}") for key in chosen), Decimal(0))
        discount = sum((_figure(answer, key, f"discount{suffix}") for key in chosen), Decimal(0))
        return discount / gross if gross else gross

    def holds(answers: Sequence[Answer]) -> bool:
        given = rate(answers[0], "") - rate(answers[0], "@last-year")
        return given >= Decimal("0.03") and _lead(answers[1], FAILING_REGIONS) <= Decimal("0.08")

    return Story(
        "campaign-failed",
        "Grand Clearance cost money and sold nothing more",
        "For three months nearly half of the French orders came with 12 % off, and would have come without it.",
        (cost, effect, through),
        "The French regions give at least 3 points more discount than last year without outgrowing the rest.",
        holds,
    )


def _bad_quarter(plot: Plot) -> Story:
    last = plot.month(plot.months_since(plot.bad_quarter, plot.today) - 2)
    asked = Question(
        ("net_sales", "budget", "budget_attainment"), months(plot.bad_quarter, last), versus=("last-year",)
    )
    following = last + timedelta(days=32)
    after = Question(("net_sales",), f"{following:%Y}-Q{(following.month - 1) // 3 + 1}", versus=("last-year",))

    def holds(answers: Sequence[Answer]) -> bool:
        bad, good = answers
        return _growth(bad, ()) <= Decimal("-0.10") and _growth(good, ()) >= Decimal("-0.03")

    quarter = f"{plot.bad_quarter.year}-Q{(plot.bad_quarter.month - 1) // 3 + 1}"
    return Story(
        "bad-quarter",
        f"{quarter} was a bad quarter",
        f"In {quarter} a supplier failed to deliver and the company sold a fifth less; the quarter after was as ever.",
        (asked, after),
        "That quarter is at least 10 % below the year before, the following one is not.",
        holds,
    )


def _product_launch(plot: Plot) -> Story:
    only = (("product", (LAUNCHED_PRODUCT,)),)
    before = Question(("net_sales",), months(plot.month(24), plot.month(8)), ("product",), only)
    after = Question(
        ("net_sales", "units"), months(plot.month(5), plot.month(1)), ("product",), (("category", ("handling",)),)
    )

    def holds(answers: Sequence[Answer]) -> bool:
        then, now = answers
        best = max(now, key=lambda key: _figure(now, key, "net_sales"), default=())
        return _figure(then, (LAUNCHED_PRODUCT,), "net_sales") == 0 and best == (LAUNCHED_PRODUCT,)

    return Story(
        "product-launch",
        "A new product leads its category",
        f"{LAUNCHED_PRODUCT} was launched in {plot.launch:%B %Y} and soon outsold everything in Material Handling.",
        (before, after),
        "Nothing of it was sold before; in the last five months it is the best seller of its category.",
        holds,
    )
