"""A small company answered from formulas: frames of any shape for the tests of pictures and words."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any

from app.values.calendar import Calendar
from app.values.context import QueryContext
from app.values.errors import NotAskable
from app.values.hierarchy import TIME_LEVELS
from app.values.period import Span
from app.values.scope import Scope
from app.values.selection import Filter, Narrowing
from app.values.view import View
from app.values.viewer import Viewer
from layouts.answered import AnsweredPanel
from layouts.dashboard import Dashboard, answer_panel
from layouts.dashboards import dashboards
from layouts.handout import Handout, file_name
from layouts.imprint import Pairs
from queries.frame import Column, Frame, Member, Provenance, Row, Source, Value
from queries.identity import OUTSIDE
from queries.kept import KEPT_FACT, kept_name
from queries.query import Query

TODAY = date(2026, 11, 21)
CALENDAR = Calendar()
FIRST, LAST = date(2023, 1, 1), TODAY

REGIONS = ("DACH", "Nordics", "UK & Ireland", "Benelux", "France", "North America", "Italy", "Iberia")
WEIGHT = {"DACH": 9.8, "Nordics": 4.1, "UK & Ireland": 5.6, "Benelux": 2.4, "France": 3.9, "North America": 4.4,
          "Italy": 1.6, "Iberia": 1.3}  # fmt: skip
LUCK = {"DACH": 1.14, "Nordics": 1.13, "UK & Ireland": 1.06, "Benelux": 1.05, "France": 0.99, "North America": 0.985,
        "Italy": 0.94, "Iberia": 0.59}  # fmt: skip
NAMES = {
    "market": ("Europe", "Americas", "Asia Pacific"),
    "country": ("Germany", "United States", "France", "United Kingdom", "Italy", "Spain", "Japan", "Australia"),
    "region": REGIONS,
    "state": ("California", "Texas", "New York", "Washington", "Ohio"),
    "rep": ("Okafor, N.", "Lindqvist, E.", "Marchetti, G.", "Haas, J.", "Silva, M.", "Duarte, P.", "Rey, C.",
            "Novak, A.", "Tanaka, H.", "Schwarzenbacher-Montgomery, Anneliese", "Brown, K.", "Ito, S."),
    "customer": tuple(f"{name} Group" for name in ("Aldergate", "Borealis", "Castello", "Dunmore", "Eisenwerk",
                                                    "Fjord", "Granada", "Hollis", "Ingram", "Juno", "Kestrel", "Larch",
                                                    "Meridian", "Norna", "Ostra", "Pallas", "Quarry", "Rowan",
                                                    "Sable", "Tern", "Umbra", "Vesper", "Wren")),
    "industry": ("Logistics", "Machinery", "Healthcare"),
    "segment": ("Enterprise", "Small business"),
    "document_type": ("Invoice", "Receipt"),
    "category": ("Hardware", "Services", "Software", "Spares", "Training"),
    "subcategory": ("Pumps", "Valves", "Sensors"),
    "product": ("Pump P1", "Pump P2", "Valve V1", *(f"Sensor S{number}" for number in range(1, 18)), "Pedal P3",
                "Motor A", "Gasket"),
    "with_category": ("Hardware", "Services", "Software", "Spares", "Training"),
    "with_subcategory": ("Pumps", "Valves", "Sensors"),
    "with_product": ("Pump P1", "Pump P2"),
    "channel": ("Direct", "Partner", "Web"),
    "team": ("North", "South"),
    "campaign": ("Spring Fair", "Autumn Sale"),
    "document": tuple(f"SO-{number}" for number in range(1001, 1013)),
    "line": ("SO-1001/1", "SO-1001/2"),
}  # fmt: skip
TITLES = {"net_sales": ("Net sales", "money", "up"), "budget": ("Budget", "money", None),
          "budget_attainment": ("Budget attainment", "ratio", "up"), "quota": ("Quota", "money", None),
          "quota_attainment": ("Quota attainment", "ratio", "up"), "margin_rate": ("Margin rate", "ratio", "up"),
          "orders": ("Orders", "count", "up"), "customers": ("Customers", "count", "up"),
          "new_customers": ("New customers", "count", "up"),
          "average_order_value": ("Average order value", "money", "up"),
          "return_rate": ("Return rate", "ratio", "down"), "gross_sales": ("Gross sales", "money", "up"),
          "discount": ("Discount", "money", "down"), "returns": ("Returns", "money", "down"),
          "costed_net_sales": ("Net sales with known cost", "money", "up"), "cost": ("Cost", "money", None),
          "margin": ("Gross margin", "money", "up"), "units": ("Units", "quantity", "up"),
          "products": ("Products sold", "count", "up"), "last_order": ("Last order", "day", None),
          "first_order": ("First order", "day", None), "months_bought": ("Months bought in", "count", None),
          "net_sales_per_customer": ("Net sales per customer", "money", "up"),
          "discount_rate": ("Discount rate", "ratio", "down"), "lines": ("Lines", "count", None),
          "revenue_per_rep": ("Revenue per rep", "money", "up"),
          "average_price": ("Average price", "money", "up")}  # fmt: skip
STOPPED = "aldergate-group"
"""A large customer who bought nothing since August."""
PER_DAY = {"net_sales": 640_000.0, "orders": 350.0, "customers": 120.0, "new_customers": 7.9, "budget": 535_000.0,
           "quota": 545_000.0, "gross_sales": 735_000.0, "discount": 70_000.0, "returns": 25_000.0,
           "costed_net_sales": 640_000.0, "cost": 392_000.0, "margin": 248_000.0, "units": 9_400.0,
           "products": 3.0, "lines": 900.0}  # fmt: skip
RATES = {
    "margin_rate": 0.387,
    "average_order_value": 1820.0,
    "return_rate": 0.021,
    "discount_rate": 0.13,
    "revenue_per_rep": 2_750_000.0,
    "average_price": 88.0,
    "net_sales_per_customer": 9_400.0,
}


def context(scope: Scope | None = None, *, masks: Iterable[str] = (), locale: str = "en") -> QueryContext:
    """Everything, today, in euro."""
    return QueryContext(scope or Scope.everything(), TODAY, "EUR", frozenset(masks), locale=locale)


def viewer(scope: Scope | None = None, *, masks: Iterable[str] = (), locale: str = "en", may: bool = True) -> Viewer:
    """Erin, or somebody with less."""
    allowed = frozenset({"dashboards", "export", "rows"}) if may else frozenset[str]()
    return Viewer("person", "1", "Erin", "erin@salient.example", "executive", allowed,
                  context(scope, masks=masks, locale=locale))  # fmt: skip


_ANSWERED: dict[object, Frame] = {}


@dataclass
class Company:
    """Answers every query from formulas; refuses quota by customer, as a warehouse does."""

    calendar: Calendar = field(default_factory=Calendar)
    empty: bool = False
    nothing: bool = False
    no_plan: bool = False
    internet_plan: bool = False
    newest: date = LAST
    made: dict[object, dict[str, Frame]] = field(default_factory=dict)

    def ask_all(self, queries: Iterable[Query], context: QueryContext) -> list[Frame]:
        """Each answered by itself."""
        return [self.ask(query, context) for query in queries]

    def ask(self, query: Query, context: QueryContext) -> Frame:
        """One frame with the columns and rows the real thing would have; a company like this one knows it already."""
        alike = (type(self), self.calendar, self.empty, self.nothing, self.no_plan, self.internet_plan, self.newest)
        asked = (*alike, query, context.today)
        if asked not in _ANSWERED:
            _ANSWERED[asked] = self._answered(query, context)
        return _ANSWERED[asked]

    def _answered(self, query: Query, context: QueryContext) -> Frame:
        if kept_name(query) is not None:
            told = _kept(query.metrics[0], self.newest)
            nobody = told.has("told") and not any(each.level == "customer" for each in query.where)
            return replace(told, rows=()) if self.empty or nobody else told
        filtered = {f.level for f in query.where} | set(query.by)
        if any(metric.startswith("quota") for metric in query.metrics) and filtered & {"customer", "document"}:
            raise NotAskable("Quotas are not kept by customer.")
        span = query.period.settle(context.today, self.calendar, FIRST, LAST)
        references = {name: self._reference(query, span, name) for name in query.versus if name != "budget"}
        columns = self._columns(query)
        rows = [] if self.empty else [self._row(query, members, span, columns, references)
                                      for members in self._members(query.by, span)]  # fmt: skip
        rows = [row for row in rows if any(value is not None for value in row[len(query.by) :])]
        for column_id, direction in reversed(query.order):
            at = [c.id for c in columns].index(column_id)
            rows.sort(key=_by(at), reverse=direction == "desc")
        kept = rows[: query.limit] if query.limit else rows
        whole = self._row(query, (), span, columns, references)
        others = None
        if query.others and len(kept) < len(rows):
            others = tuple(
                None if c.role == "dimension" else self._added(rows[len(kept) :], at) for at, c in enumerate(columns)
            )
        partial = {"budget": "Web only"} if self.internet_plan else {}
        return Frame(columns, tuple(kept), Provenance(1, self.newest, span, references), "EUR", partial=partial,
                     totals=whole if query.totals else None, others=others, others_count=len(rows) - len(kept),
                     notes=_notes(self, query))  # fmt: skip

    def recall(self, made: object, queries: Mapping[str, Query], context: QueryContext) -> dict[str, Frame] | None:
        """What was made of these answers before."""
        return self.made.get((str(made), tuple(queries.items()), context))

    def remember(
        self, made: object, queries: Mapping[str, Query], context: QueryContext, frames: Mapping[str, Frame]
    ) -> None:
        """Kept for good: the figures of this company never change."""
        self.made[str(made), tuple(queries.items()), context] = dict(frames)

    def members(
        self, level: str, context: QueryContext, *, where: Iterable[Narrowing] = (), limit: int = 50
    ) -> list[Member]:
        """All that a filter names, but for nowhere."""
        chosen = (
            key
            for each in where
            if isinstance(each, Filter) and each.level == level
            for key in each.members
            if key != "nowhere"
        )
        return [Member(key, key) for key in chosen][:limit]

    def _added(self, rows: list[Row], at: int) -> Value:
        figures = [value for row in rows if isinstance(value := row[at], Decimal)]
        return sum(figures, Decimal(0)) if figures else None

    def _reference(self, query: Query, span: Span, name: str) -> Span:
        if name == "last-year":
            return query.period.last_year(span, self.calendar)
        return query.period.previous(span, self.calendar) or span

    def _columns(self, query: Query) -> tuple[Column, ...]:
        found = [Column(level, level.capitalize(), "dimension", level=level) for level in query.by]
        for metric in query.metrics:
            title, unit, better = TITLES[metric]
            found.append(Column(metric, title, "metric", metric, unit=unit, better=better))
            for versus in query.versus:
                if versus == "budget" and metric != "net_sales":
                    continue
                base = f"{metric}@{versus}"
                found.append(Column(base, title, "reference", metric, versus=versus, unit=unit))
                found.append(Column(f"{base}:delta", title, "delta", metric, versus=versus, unit=unit, better=better))
                found.append(
                    Column(f"{base}:change", title, "change", metric, versus=versus, unit="ratio", better=better)
                )
        return tuple(found)

    def _members(self, by: tuple[str, ...], span: Span) -> list[tuple[Member, ...]]:
        found: list[tuple[Member, ...]] = [()]
        for level in by:
            if level in TIME_LEVELS:
                members = [Member(key, key) for key in self.calendar.keys(level, span)]
            else:
                members = [Member(name.lower().replace(" ", "-"), name) for name in NAMES[level]]
            found = [(*head, member) for head in found for member in members]
        return found

    def _row(
        self, query: Query, members: tuple[Member, ...], span: Span, columns: tuple[Column, ...],
        references: dict[str, Span],
    ) -> Row:  # fmt: skip
        inside, share, luck, year_shift = span, 1.0, 1.0, 0
        for member, level in zip(members, query.by, strict=False):
            if level in TIME_LEVELS:
                own = self.calendar.span(member.key)
                inside = Span(max(own.start, span.start), min(own.end_exclusive, span.end_exclusive), False,
                              own.end_exclusive)  # fmt: skip
            else:
                names = NAMES[level]
                share *= (
                    WEIGHT[member.name] / 33.1 if level == "region" else _zipf(names.index(member.name), len(names))
                )
                luck *= LUCK.get(member.name, 0.8 + (sum(map(ord, member.name)) % 45) / 100)
        if query.by == ("customer", "month") and members and members[0].key == STOPPED and members[1].key > "2026-07":
            share = 0.0
        row: list[Value] = list(members) or [None] * len(query.by)
        for column in columns[len(query.by) :]:
            metric = column.metric or ""
            if column.role == "metric":
                row.append(self._figure(metric, inside, share, luck, year_shift))
                continue
            versus = column.versus or ""
            now = self._figure(metric, inside, share, luck, 0)
            if versus == "budget":
                then = None if self.no_plan else self._figure("budget", inside, share, 1.0, 0)
            else:
                back = references[versus].start.year - span.start.year if versus == "last-year" else 0
                then = self._figure(metric, inside, share, (luck + 1) / 2, back or -1)
            row.append(_compared(column.role, now, then))
        return tuple(row)

    def _figure(self, metric: str, span: Span, share: float, luck: float, years: int) -> Value:
        if self.nothing or (self.no_plan and metric.startswith("budget")):
            return None if metric in RATES or metric.startswith(("budget", "quota")) else 0
        if metric in ("first_order", "last_order"):
            return span.last_day if metric == "last_order" else span.start
        if metric == "months_bought":
            reach = 60 if round(luck * 100) % 2 else 18
            return sum(1 << back for back in range(reach) if (back * 7 + round(luck * 100)) % 5)
        if metric in RATES:
            return Decimal(str(round(RATES[metric] * (0.95 + luck * 0.05) * (1 + years * 0.01), 6)))
        if metric.endswith("_attainment"):
            plan = metric.removesuffix("_attainment")
            return Decimal(str(round(PER_DAY["net_sales"] / PER_DAY[plan] * luck * (1 + years * 0.02), 6)))
        total = _summed(metric, span.start, span.end_exclusive, years)
        if metric == "margin":
            # What grows earns more, what shrinks less.
            share *= 0.7 + 0.3 * luck
        value = total * share * (1.0 if metric in ("budget", "quota") else luck)
        return round(value) if TITLES[metric][1] == "count" else Decimal(str(round(value, 4)))


def _kept(name: str, newest: date) -> Frame:
    """What the house keeps: two campaigns, one customer, one load, totals that agree."""
    told = Provenance(1, newest, None, sources=(Source(KEPT_FACT, name),))
    count = Column("count", "Rows", "metric", "count", unit="count")
    if name == "campaign_days":
        columns = (Column("campaign", "Campaign", "dimension", level="campaign"),
                   Column("starts", "First day", "dimension"),
                   Column("ends", "Last day", "dimension"), count)  # fmt: skip
        fair = (Member("spring-fair", "Spring Fair"), date(2026, 4, 1), date(2026, 4, 30), 30)
        sale = (Member("autumn-sale", "Autumn Sale"), date(2026, 9, 1), date(2026, 9, 30), 30)
        return Frame(columns, (fair, sale), told, "")
    if name == "customer_identity":
        named = (Column("fact", "What", "dimension"), Column("told", "Who it is", "dimension"))
        facts: tuple[Row, ...] = (
            (Member("customer", "Customer"), "Dunmore Cycles (C7)"),
            (Member("owner", "Account owner"), Member(OUTSIDE, OUTSIDE)),
            (Member("since", "Customer since"), date(2021, 4, 22)),
            (Member("email", "Email"), "buyer@dunmore.example"),
            (Member("field:wants_newsletter", "wants_newsletter"), "yes"),
        )
        return Frame(named, facts, told, "")
    difference = Column("difference", "Difference", "metric", "difference", unit="quantity")
    rows: tuple[Row, ...] = ((Member("EUR", "EUR"), 1200, Decimal(0)),)
    return Frame((Column("what", "What", "dimension"), count, difference), rows, told, "")


def _by(at: int) -> Callable[[Row], Any]:
    """The order of rows by one column."""
    return lambda row: _place(row[at])


def _place(value: Value) -> Any:
    """What a value is ordered by."""
    return value.key if isinstance(value, Member) else Decimal(0) if value is None else value


@lru_cache(maxsize=10_000)
def _summed(metric: str, start: date, end: date, years: int) -> float:
    """A seasonal, growing series with weekends, added up; long spans by every fifth day."""
    days, total = (end - start).days, 0.0
    stride = 1 if days < 400 else 5
    plan = metric in ("budget", "quota")
    for step in range(0, days, stride):
        day = start + timedelta(days=step)
        in_year = day.timetuple().tm_yday
        grown = 1 + 0.07 * ((day.year - 2026) + (in_year - 180) / 365 + years)
        wave = 1 + 0.12 * math.sin(in_year / 58) + (0 if plan else 0.25 * math.sin(day.toordinal() * 1.7))
        weekend = 0.25 if day.weekday() >= 5 and not plan else 1.1
        total += PER_DAY[metric] * grown * wave * weekend * stride
    return total


def _notes(company: Company, query: Query) -> tuple[str, ...]:
    return ("No plan at this level.",) if company.no_plan and "budget" in query.versus else ()


def _zipf(place: int, count: int) -> float:
    weights = [1 / (rank + 1) ** 0.7 for rank in range(count)]
    return weights[place] / sum(weights)


def _compared(role: str, now: Value, then: Value) -> Value:
    if role == "reference" or then is None or now is None:
        return then
    assert isinstance(now, Decimal | int)
    assert isinstance(then, Decimal | int)
    delta = now - then
    return delta if role == "delta" else (Decimal(delta) / abs(Decimal(then)) if then else None)


def view(address: str = "/d/overview") -> View:
    """A view by its address."""
    return View.parse(address)


def of_somebody(dashboard: Dashboard, narrowed: str = "", somebody: str = "somebody") -> View:
    """A dashboard, narrowed or not; of one member where it is told of one."""
    asked = [f"{dashboard.about}={somebody}"] if dashboard.about else []
    return view(f"/d/{dashboard.id}?" + "&".join([*asked, narrowed]))


def answered(panel_id: str, address: str = "/d/overview", company: Company | None = None, **who: Any) -> AnsweredPanel:
    """One panel of the view's dashboard, answered for Erin."""
    at = view(address)
    dashboard = next(each for each in dashboards() if each.id == at.dashboard)
    panel = dashboard.panel(panel_id)
    assert panel is not None
    return answer_panel(dashboard, panel, at, viewer(**who), company or Company())


def paper(*panels: AnsweredPanel, about: Pairs = (), additive: Iterable[str] = ("net_sales",)) -> Handout:
    """Answered panels as they are handed over."""
    first = panels[0]
    span = first.frame.provenance.span if first.frame is not None else None
    name = file_name(first.view.of_panel(first.panel.id), span)
    return Handout(first.title, name, panels, first.context, about=about, additive=frozenset(additive))
