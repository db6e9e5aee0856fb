"""Summing: the SQL that fills rollups, the same for every engine.

Lines are converted and coded once, then grouped once per rollup and basis by small numbers (a code per combination of
level keys); the keys are put back afterwards. Grouping ten million lines by several texts takes five times as long.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.values.hierarchy import hierarchy_of
from queries.warehouse.rollups import Rollup, level_column
from queries.warehouse.schema import BASIS_DATES, DOCUMENT_TYPES, EXACT, MONEY_MEASURES

_SUMMED_KIND = f"decimal({EXACT.precision}, {EXACT.scale})"
_DIMENSIONS = {"place": "place", "team": "team", "goods": "product", "customer": "customer"}


@dataclass(frozen=True)
class Known:
    """What is known of every line to be summed: each spares a sum in every rollup."""

    adds_up: bool = False  # net = gross − discount − returned
    is_costed: bool = False  # the cost is there
    is_rated: bool = False  # every reporting currency has a rate for its day

    @property
    def summed(self) -> tuple[str, ...]:
        """The amounts that have to be summed; the others follow from these."""
        spared = {"returned"} if self.adds_up else set()
        spared |= {"costed_net"} if self.is_costed else set()
        return tuple(name for name in MONEY_MEASURES if name not in spared)

    def amount(self, name: str, index: int) -> str:
        """SQL of an amount of the grouped sums `g` in a reporting currency."""
        if name in self.summed:
            return f"g.{name}_{index}"
        if name == "costed_net":
            return f"g.net_{index}"
        return f"cast(g.gross_{index} - g.discount_{index} - g.net_{index} as {_SUMMED_KIND})"


def _dimension(level: str) -> str:
    """The dimension table that a level's keys stand in."""
    if level in ("rep", "channel", "campaign"):
        return level
    return _DIMENSIONS[hierarchy_of(level) or ""]


def _groups(rollup: Rollup) -> dict[str, tuple[str, ...]]:
    """The coded groups of a rollup: dimension → levels, such as place → (market, country, region)."""
    groups: dict[str, tuple[str, ...]] = {}
    for level in rollup.closed_levels:
        if level not in ("customer", "document_type", "currency"):
            groups[_dimension(level)] = (*groups.get(_dimension(level), ()), level)
    return groups


def _code(dimension: str, levels: Sequence[str]) -> str:
    return f"code_{dimension}_{levels[-1]}"


def _coded(rollups: Sequence[Rollup]) -> dict[str, dict[str, tuple[str, ...]]]:
    """Dimension → the codes its members have, and the levels that each stands for."""
    coded: dict[str, dict[str, tuple[str, ...]]] = {}
    for rollup in rollups:
        for dimension, levels in _groups(rollup).items():
            coded.setdefault(dimension, {})[_code(dimension, levels)] = levels
    return coded


def code_tables(rollups: Sequence[Rollup], dimensions: str, codes: str) -> Iterable[str]:
    """DDL of the code tables in schema `codes`, read from the dimensions in schema `dimensions`."""
    for dimension, coded in sorted(_coded(rollups).items()):
        columns = [f"{dimension}_id as id"]
        for name, levels in sorted(coded.items()):
            keys = ", ".join(f"{level}_key" for level in levels)
            known = " or ".join(f"{level}_key is not null" for level in levels)
            columns.append(f"case when {known} then cast(dense_rank() over (order by {keys}) as integer) end as {name}")
        levels_of_all = sorted({level for levels in coded.values() for level in levels})
        columns += [f"{level}_key" for level in levels_of_all]
        yield f"create table {codes}.code_{dimension} as select {', '.join(columns)} from {dimensions}.{dimension}"
        for name, levels in sorted(coded.items()):
            keys = ", ".join(f"{level}_key" for level in levels)
            yield (
                f"create table {codes}.{name}_keys as select distinct {name} as code, {keys}"
                f" from {codes}.code_{dimension} where {name} is not null"
            )


def wide_rates(rates: str, reporting: Sequence[str], codes: str) -> str:
    """DDL of one rate column per reporting currency, so that lines are read once for all of them."""
    columns = ", ".join(
        f"max(rate) filter (where reporting_key = '{code}') as rate_{index}" for index, code in enumerate(reporting)
    )
    return f"create table {codes}.wide_rate as select currency_key, day, {columns} from {rates} group by 1, 2"


def converted_lines(
    rollups: Sequence[Rollup],
    reporting: Sequence[str],
    *,
    lines: str,
    codes: str,
    amounts: str,
    where: str = "true",
    known: Known = Known(),
) -> str:
    """SQL of what rollups are summed from: days, codes, counts, and amounts in each reporting currency.

    `amounts` is the SQL type that holds every converted amount exactly. A line without a rate has no amounts there.
    """
    coded = _coded(rollups)
    cases = " ".join(f"when '{kind}' then {number}" for number, kind in enumerate(DOCUMENT_TYPES))
    columns = [f"f.{day}" for day in BASIS_DATES.values()]
    # Taking the days off is four times as fast as date_trunc, and once is enough for all rollups.
    columns += [
        f"f.{day} - (cast(extract(day from f.{day}) as integer) - 1) as {basis}_month"
        for basis, day in BASIS_DATES.items()
    ]
    columns += [f"code_{dimension}.{name}" for dimension, names in coded.items() for name in names]
    columns += ["f.customer_id", f"case f.document_type {cases} end as document_code", "f.quantity"]
    if any("currency" in rollup.levels for rollup in rollups):
        columns.append("f.currency_key")
    # What is not one is missing: counting is cheaper than summing.
    columns += [f"nullif(f.{mark}, 0) as {mark}" for mark in ("order_head", "first_sale")]
    columns.append("case when f.document_type <> 'credit_note' then 1::smallint end as is_sale")
    for index in range(len(reporting)):
        for name in known.summed:
            amount = "case when f.cost is not null then f.net end" if name == "costed_net" else f"f.{name}"
            columns.append(f"{_product(amount, f'r.rate_{index}', amounts)} as {name}_{index}")
        if not known.is_rated:
            columns.append(f"case when r.rate_{index} is null then 1 else 0 end as held_{index}")
    joins = "".join(f" left join {codes}.code_{d} on code_{d}.id = f.{d}_id" for d in coded)
    return (
        f"select {', '.join(columns)} from {lines} f"
        f" left join {codes}.wide_rate r on r.currency_key = f.currency_key and r.day = f.order_date"
        f"{joins} where {where}"
    )


def _product(amount: str, rate: str, kind: str) -> str:
    """An amount times a rate, of that SQL type."""
    narrow = f"cast({amount} * {rate} as {kind})"
    if kind != "decimal(38, 12)":
        return narrow
    # DuckDB multiplies such decimals in 18 digits; the few amounts that are too large for it are widened first.
    wide = f"cast(cast({amount} as decimal(38, 4)) * {rate} as {kind})"
    small = f"abs(cast({amount} as double precision)) * cast({rate} as double precision) < 900000"
    return f"case when {small} then {narrow} else {wide} end"


def rollup_rows(
    rollup: Rollup,
    basis: str,
    reporting: Sequence[str],
    *,
    converted: str,
    codes: str,
    where: str = "true",
    known: Known = Known(),
) -> str:
    """SQL of a rollup's rows from converted lines: exact Σ(amount × rate) per reporting currency, held lines counted.

    `where` limits the converted lines `f`, such as to the months that changed; `known` is what they were made with.
    """
    day = f"f.{BASIS_DATES[basis]}"
    grain = day if rollup.grain == "day" else f"f.{basis}_month"
    groups = _groups(rollup)
    keys = [f"f.{_code(d, levels)}" for d, levels in groups.items()]
    plain = {"customer": "customer_id", "document_type": "document_code", "currency": "currency_key"}
    keys += [f"f.{column}" for level, column in plain.items() if level in rollup.levels]
    sums = ["sum(f.quantity) as quantity", *_counts()]
    if rollup.last_day:
        sums.append(f"max(case when f.is_sale = 1 then {day} end) as last_day")
    for index in range(len(reporting)):
        sums += _sums(index, known)
    positions = ", ".join(str(index + 1) for index in range(len(keys) + 1))
    grouped = (
        f"select {', '.join([f'{grain} as grain', *keys, *sums])} from {converted} f"
        f" where {day} is not null and {where} group by {positions}"
    )
    named = " union all ".join(
        _named(rollup, groups, code, index, codes, known) for index, code in enumerate(reporting)
    )
    kept = "materialized " if len(reporting) > 1 else ""  # what is read once may stream
    return f"with g as {kept}({grouped}) {named}"


def _named(
    rollup: Rollup, groups: dict[str, tuple[str, ...]], reporting: str, index: int, codes: str, known: Known
) -> str:
    """The grouped sums of one reporting currency with level keys in place of codes."""
    columns = [f"'{reporting}' as reporting", f"g.grain as {rollup.grain}"]
    for level in rollup.closed_levels:
        if level == "document_type":
            cases = " ".join(f"when {number} then '{kind}'" for number, kind in enumerate(DOCUMENT_TYPES))
            columns.append(f"case g.document_code {cases} end as document_type")
        elif level in ("customer", "currency"):
            columns.append(f"g.{level_column(level)}")
        else:
            columns.append(f"{_code(_dimension(level), groups[_dimension(level)])}_keys.{level}_key")
    columns += [f"{known.amount(name, index)} as {name}" for name in MONEY_MEASURES]
    columns += [f"g.{name}" for name in ("quantity", "lines", "sale_lines", "orders", "new_customers")]
    columns.append(f"{'0::bigint' if known.is_rated else f'g.held_{index}'} as held")
    columns += ["g.last_day"] if rollup.last_day else []
    joins = "".join(
        f" left join {codes}.{_code(d, levels)}_keys on {_code(d, levels)}_keys.code = g.{_code(d, levels)}"
        for d, levels in groups.items()
    )
    return f"select {', '.join(columns)} from g{joins}"


def _sums(index: int, known: Known) -> list[str]:
    sums = [f"cast(coalesce(sum(f.{name}_{index}), 0) as {_SUMMED_KIND}) as {name}_{index}" for name in known.summed]
    return sums if known.is_rated else [*sums, f"cast(sum(f.held_{index}) as bigint) as held_{index}"]


def _counts() -> list[str]:
    return [
        "count(*) as lines",
        "count(f.is_sale) as sale_lines",
        "count(f.order_head) as orders",
        "count(f.first_sale) as new_customers",
    ]
