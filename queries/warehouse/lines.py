"""Lines: staged sales resolved to ids as at the sale, told apart from those already known, and marked as openers."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from queries.warehouse.schema import sales_line
from queries.warehouse.staged import quoted

COLUMNS: tuple[str, ...] = tuple(column.name for column in sales_line.columns)
_DERIVED = ("document_id", "order_head", "first_sale", "source", "load_id")
BUSINESS: tuple[str, ...] = tuple(name for name in COLUMNS if name not in (*_DERIVED, "line_key"))
"""What makes a line differ from its former self."""

_PLAIN: tuple[str, ...] = tuple(
    name for name in BUSINESS if not name.endswith("_id") or name == "chain_id"
)

DOCUMENT_ID = "cast(hash({0}.document_key) >> 1 as bigint)"
HEAD_RANK = (
    "((cast(least(greatest({0}.line_number, 0), 1048575) as ubigint) << 44) | (hash({0}.line_key) >> 20))"
)
"""Orders the lines of a document: by line number, then by a hash that does not depend on when the line came."""
OPENING_RANK = (
    "((cast(date_diff('day', date '1900-01-01', {0}.order_date) as uhugeint) << 104)"
    " | (cast(hash({0}.document_key) >> 14 as uhugeint) << 54)"
    " | (cast(least(greatest({0}.line_number, 0), 1048575) as uhugeint) << 34)"
    " | (cast(hash({0}.line_key) >> 30 as uhugeint)))"
)
"""Orders the lines of a customer: by day, document and line."""


@dataclass(frozen=True)
class Merged:
    """Counts of a merge; the rows themselves are `now.line` and, where they replace others, `now.superseded`."""

    new: int
    changed: int
    unchanged: int


def incoming(source: str, load_id: int, *, known: bool) -> str:
    """SQL of the staged lines with ids: rep, team and product as at the order date, the place as at the first load."""
    place = "coalesce(pl.place_id, case when w.customer_id = c.customer_id then w.place_id end, c.place_id)"
    return (
        f"select s.line_key, {', '.join('s.' + name for name in _PLAIN)},"
        f" {'coalesce(w.document_id, ' + DOCUMENT_ID.format('s') + ')' if known else DOCUMENT_ID.format('s')}"
        " as document_id, c.customer_id, p.product_id, r.rep_id, t.team_id,"
        f" {place if known else 'coalesce(pl.place_id, c.place_id)'} as place_id, ca.campaign_id, ch.channel_id,"
        f" '{quoted(source)}' as source, {load_id} as load_id"
        + (", w.line_key is null as is_new, w.part_no, w.row_no" if known else "")
        + " from staged.sales_line s"
        " left join now.customer c on c.customer_key = s.customer_key"
        " left join now.product_period p on p.product_key = s.product_key"
        " and s.order_date >= p.begins and s.order_date < p.until"
        " left join now.rep_period r on r.rep_key = s.rep_key and s.order_date >= r.begins and s.order_date < r.until"
        " left join now.team_period t on t.team_key = coalesce(s.team_key, r.team_key)"
        " and s.order_date >= t.begins and s.order_date < t.until"
        " left join now.place pl on pl.place_key = s.place_key"
        " left join now.campaign ca on ca.campaign_key = s.campaign_key"
        " left join now.channel ch on ch.channel_key = s.channel_key"
        + (" left join was.sales_line_at w on w.line_key = s.line_key" if known else "")
    )


def merge_first(connection: duckdb.DuckDBPyConnection, source: str, load_id: int, staged_lines: int) -> Merged:
    """Lines of an empty warehouse: `now.line` is a view that streams, nothing is held in memory but the openers."""
    connection.execute(
        f"create table now.head as select {DOCUMENT_ID.format('s')} as document_id, min({HEAD_RANK.format('s')}) as rank"
        " from staged.sales_line s where s.document_type <> 'credit_note' group by 1"
    )
    connection.execute(
        f"create table now.opening as select c.customer_id, min({OPENING_RANK.format('s')}) as rank"
        " from staged.sales_line s join now.customer c on c.customer_key = s.customer_key"
        " where s.document_type <> 'credit_note' group by 1"
    )
    connection.execute(
        f"create view now.line as select {_marked('l')} from ({incoming(source, load_id, known=False)}) l"
        " left join now.head h on h.document_id = l.document_id"
        " left join now.opening o on o.customer_id = l.customer_id"
    )
    connection.execute("create table now.superseded (part_no integer, row_no bigint)")
    return Merged(staged_lines, 0, 0)


def _marked(line: str) -> str:
    sale = f"{line}.document_type <> 'credit_note'"
    marks = {
        "order_head": f"cast(coalesce({sale} and h.rank = {HEAD_RANK.format(line)}, false) as smallint) as order_head",
        "first_sale": f"cast(coalesce({sale} and o.rank = {OPENING_RANK.format(line)}, false) as smallint)"
        " as first_sale",
    }
    return ", ".join(marks.get(name, f"{line}.{name}") for name in COLUMNS)


def merge_known(connection: duckdb.DuckDBPyConnection, source: str, load_id: int, staged_lines: int) -> Merged:
    """Lines met by lines already there: `now.line` holds only what is new or differs, openers included."""
    differs = " or ".join(f"w2.{name} is distinct from i.{name}" for name in BUSINESS)
    connection.execute(
        f"create table now.arrived as select i.* from ({incoming(source, load_id, known=True)}) i"
        f" left join was.sales_line_at w2 on w2.part_no = i.part_no and w2.row_no = i.row_no"
        f" where i.is_new or {differs}"
    )
    row = connection.execute(
        "select count(*) filter (where is_new), count(*) filter (where not is_new) from now.arrived"
    ).fetchone()
    assert row is not None
    _mark_openers(connection)
    return Merged(row[0], row[1], staged_lines - row[0] - row[1])


def _mark_openers(connection: duckdb.DuckDBPyConnection) -> None:
    """Compare the openers of every touched document and customer before and after; flipped lines change too."""
    run = connection.execute
    run("create table now.superseded as select part_no, row_no from now.arrived where not is_new")
    run(
        "create table now.former as select w.* from was.sales_line_at w"
        " semi join now.superseded s on s.part_no = w.part_no and s.row_no = w.row_no"
    )
    run(
        "create table now.touched_document as select document_id from now.arrived"
        " union select document_id from now.former"
    )
    run(
        "create table now.touched_customer as select customer_id from now.arrived where customer_id is not null"
        " union select customer_id from now.former where customer_id is not null"
    )
    names = ", ".join(name for name in COLUMNS if name not in ("order_head", "first_sale"))
    run(
        f"create table now.beside as select {names}, order_head, first_sale, part_no, row_no from was.sales_line_at w"
        " where (document_id in (select document_id from now.touched_document)"
        "  or customer_id in (select customer_id from now.touched_customer))"
        " and not exists (select 1 from now.superseded s where s.part_no = w.part_no and s.row_no = w.row_no)"
    )
    both = (
        "(select document_type, document_id, document_key, customer_id, order_date, line_number, line_key from now.beside"
        " union all"
        " select document_type, document_id, document_key, customer_id, order_date, line_number, line_key"
        " from now.arrived) b"
    )
    run(
        f"create table now.head as select document_id, min({HEAD_RANK.format('b')}) as rank from {both}"
        " where document_type <> 'credit_note'"
        " and document_id in (select document_id from now.touched_document) group by 1"
    )
    run(
        f"create table now.opening as select customer_id, min({OPENING_RANK.format('b')}) as rank from {both}"
        " where document_type <> 'credit_note'"
        " and customer_id in (select customer_id from now.touched_customer) group by 1"
    )
    openers = (
        " left join now.head h on h.document_id = l.document_id left join now.opening o on o.customer_id = l.customer_id"
    )
    run(f"create table now.line as select {_marked('l')} from now.arrived l {openers}")
    head = "case when l.document_id in (select document_id from now.touched_document) then n.order_head else l.order_head end"
    first = (
        "case when l.customer_id in (select customer_id from now.touched_customer) then n.first_sale else l.first_sale end"
    )
    run(
        f"create table now.flipped as select l.* replace ({head} as order_head, {first} as first_sale)"
        f" from now.beside l join (select {_marked('l')}, l.part_no, l.row_no from now.beside l {openers}) n"
        " on n.part_no = l.part_no and n.row_no = l.row_no"
        f" where ({head}) <> l.order_head or ({first}) <> l.first_sale"
    )
    run(f"insert into now.line select {', '.join(COLUMNS)} from now.flipped")
    run("insert into now.superseded select part_no, row_no from now.flipped")
