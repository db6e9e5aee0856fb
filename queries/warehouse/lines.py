"""Lines: staged sales resolved to ids as at the sale, told apart from those already known, and marked as openers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import duckdb

from queries.warehouse.schema import sales_line
from queries.warehouse.staged import quoted

COLUMNS: tuple[str, ...] = tuple(column.name for column in sales_line.columns)
_DERIVED = ("document_id", "order_head", "first_sale", "source", "load_id")
BUSINESS: tuple[str, ...] = tuple(name for name in COLUMNS if name not in (*_DERIVED, "line_key"))
"""What makes a line differ from its former self."""

_PLAIN: tuple[str, ...] = tuple(name for name in BUSINESS if not name.endswith("_id") or name == "chain_id")

DOCUMENT_ID = "cast(hash({0}.document_key) >> 1 as bigint)"
HEAD_RANK = "((cast(least(greatest({0}.line_number, 0), 1048575) as ubigint) << 44) | (hash({0}.line_key) >> 20))"
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
    """Counts of staged lines; the rows themselves are `now.line` and, where they replace others, `now.superseded`."""

    new: int
    changed: int
    unchanged: int
    moved: int = 0  # lines not staged that changed with others: openers, versions of reps, teams and products
    uniform: bool = True  # no document was met whose lines differ in what a document has one of


class Bring(Protocol):
    """Sees to it that `was.sales_line_at` holds the former lines that a load may touch, where it does not hold all."""

    def __call__(self, column: str, values: str, *, only: str = "true") -> None:
        """Bring the lines whose column is among the values of a query, and for which `only` holds."""
        ...


def all_there(column: str, values: str, *, only: str = "true") -> None:
    """For engines whose `was.sales_line_at` is all former lines already."""


def incoming(source: str, load_id: int, *, known: bool) -> str:
    """SQL of the staged lines with ids: rep, team and product as at the order date, the place as at the first load."""
    document = DOCUMENT_ID.format("s")
    place = "coalesce(pl.place_id, c.place_id)"
    extra = ""
    if known:
        document = f"coalesce(w.document_id, {document})"
        place = "coalesce(pl.place_id, case when w.customer_id = c.customer_id then w.place_id end, c.place_id)"
        extra = ", w.line_key is null as is_new, w.part_no, w.row_no"
    return (
        f"select s.line_key, {', '.join('s.' + name for name in _PLAIN)}, {document} as document_id,"
        f" c.customer_id, p.product_id, r.rep_id, t.team_id, {place} as place_id, ca.campaign_id, ch.channel_id,"
        f" '{quoted(source)}' as source, {load_id} as load_id{extra}"
        " from staged.sales_line s"
        " left join now.customer c on c.customer_key = s.customer_key"
        " left join now.product_period p on p.product_key = s.product_key"
        " and s.order_date >= p.begins and s.order_date < p.until"
        " left join now.rep_period r on r.rep_key = s.rep_key and s.order_date >= r.begins and s.order_date < r.until"
        " left join now.team_period t on t.team_key = coalesce(s.team_key, r.team_key)"
        " and s.order_date >= t.begins and s.order_date < t.until"
        " left join now.place pl on pl.place_key = s.place_key"
        " left join now.campaign ca on ca.campaign_key = s.campaign_key"
        " left join now.channel ch on ch.channel_key = s.channel_key"
        + (" left join now.known w on w.line_key = s.line_key" if known else "")
    )


def merge_first(connection: duckdb.DuckDBPyConnection, source: str, load_id: int, staged_lines: int) -> Merged:
    """Lines of an empty warehouse: `now.line` is a view that streams, nothing is held in memory but the openers."""
    numbered, uniform = _judge_documents(connection)
    if not numbered:
        connection.execute(
            f"create table now.head as select {DOCUMENT_ID.format('s')} as document_id,"
            f" min({HEAD_RANK.format('s')}) as rank"
            " from staged.sales_line s where s.document_type <> 'credit_note' group by 1"
        )
    # Few lines fall on the customer's first day: only those are ranked.
    connection.execute(
        "create table now.first_day as select customer_key, min(order_date) as day from staged.sales_line"
        " where document_type <> 'credit_note' group by 1"
    )
    connection.execute(
        f"create table now.opening as select c.customer_id, min({OPENING_RANK.format('s')}) as rank,"
        " min(s.order_date) as day from staged.sales_line s"
        " join now.first_day d on d.customer_key = s.customer_key and d.day = s.order_date"
        " join now.customer c on c.customer_key = s.customer_key"
        " where s.document_type <> 'credit_note' group by 1"
    )
    openers = _OPENING if numbered else f"{_HEAD} {_OPENING}"
    connection.execute(
        f"create view now.line as select {_marked('l', numbered=numbered)}"
        f" from ({incoming(source, load_id, known=False)}) l {openers}"
    )
    return Merged(staged_lines, 0, 0, uniform=uniform)


def _judge_documents(connection: duckdb.DuckDBPyConnection) -> tuple[bool, bool]:
    """Whether each document has one line numbered 1 (or less), which then is its head; and whether all are uniform."""
    row = connection.execute(
        "select coalesce(bool_and(is_numbered), true), coalesce(bool_and(is_uniform), true) from"
        " (select count(*) filter (where s.line_number <= 1) = 1 as is_numbered,"
        f" {_uniform(_HEADER_KEYS)} as is_uniform from staged.sales_line s"
        f" where s.document_type <> 'credit_note' group by {DOCUMENT_ID.format('s')})"
    ).fetchone()
    assert row is not None
    return bool(row[0]), bool(row[1])


_HEAD = "left join now.head h on h.document_id = l.document_id"
_OPENING = "left join now.opening o on o.customer_id = l.customer_id"
_OPENERS = f"{_HEAD} {_OPENING}"


def _marked(line: str, *, numbered: bool = False) -> str:
    head = _is_head(line, numbered=numbered)
    marks = {"order_head": f"{head} as order_head", "first_sale": f"{_is_opening(line)} as first_sale"}
    return ", ".join(marks.get(name, f"{line}.{name}") for name in COLUMNS)


def _is_head(line: str, *, numbered: bool = False) -> str:
    # Looking millions of documents up costs a tenth of writing their lines: numbers tell the same where they can.
    is_first = f"{line}.line_number <= 1" if numbered else f"h.rank = {HEAD_RANK.format(line)}"
    return f"case when {line}.document_type <> 'credit_note' and {is_first} then 1::smallint else 0::smallint end"


def _is_opening(line: str) -> str:
    # Few lines fall on the customer's first day: only for those is the costly rank computed.
    rank = OPENING_RANK.format(line)
    return (
        f"case when {line}.order_date = o.day then case when {line}.document_type <> 'credit_note' and o.rank = {rank}"
        " then 1::smallint else 0::smallint end else 0::smallint end"
    )


def merge_known(
    connection: duckdb.DuckDBPyConnection, source: str, load_id: int, staged_lines: int, bring: Bring
) -> Merged:
    """Lines met by lines already there: `now.line` holds only what is new or differs, openers included.

    `now.superseded` holds where the replaced lines lie, `now.former` and `now.flipped` those lines themselves.
    """
    run = connection.execute
    bring("line_key", "select line_key from staged.sales_line")
    run(
        "create table now.found as select part_no, row_no, order_date from was.sales_line_at w"
        " where w.line_key in (select line_key from staged.sales_line)"
    )
    run(f"create table now.known as {_lines_at(connection, 'now.found', 'w.*')}")
    differs = " or ".join(f"w.{name} is distinct from i.{name}" for name in BUSINESS)
    run(
        f"create table now.arrived as select i.* from ({incoming(source, load_id, known=True)}) i"
        f" left join now.known w on w.line_key = i.line_key where i.is_new or {differs}"
    )
    row = run("select count(*) filter (where is_new), count(*) filter (where not is_new) from now.arrived").fetchone()
    assert row is not None
    moved = _follow_versions(connection, bring)
    flipped = _mark_openers(connection, bring, moved=moved > 0)
    uniform = _all_uniform(connection, "now.head")
    return Merged(row[0], row[1], staged_lines - row[0] - row[1], moved + flipped, uniform)


def _uniform(columns: tuple[str, ...]) -> str:
    """SQL that says of a group of lines whether these columns are the same on all of them; missing is a value too."""
    header = f"hash({', '.join(columns)})"
    return f"min({header}) = max({header})"


def _all_uniform(connection: duckdb.DuckDBPyConnection, heads: str) -> bool:
    row = connection.execute(f"select coalesce(bool_and(is_uniform), true) from {heads}").fetchone()
    return bool(row and row[0])


def _follow_versions(connection: duckdb.DuckDBPyConnection, bring: Bring) -> int:
    """Lines that were not staged but whose rep, team or product has other versions now."""
    run = connection.execute
    changed = run(
        " union all ".join(
            f"(select {name}_key from (from was.{name}_period except from now.{name}_period) limit 1)"
            for name in ("rep", "team", "product")
        )
    ).fetchall()
    if not changed:
        return 0
    for name in ("rep", "team", "product"):
        one, two = f"from was.{name}_period", f"from now.{name}_period"
        keys = f"select {name}_key from (({one} except {two}) union all ({two} except {one}))"
        bring(f"{name}_id", f"select {name}_id from was.{name} where {name}_key in ({keys})")
    team = "case when wt.team_key is not distinct from wr.team_key then r.team_key else wt.team_key end"
    names = [name for name in COLUMNS if name not in ("order_head", "first_sale", "rep_id", "team_id", "product_id")]
    row = run(
        "insert into now.arrived by name"
        " select * exclude (order_head, first_sale, old_rep, old_team, old_product), false as is_new from ("
        f" select {', '.join('w.' + name for name in names)}, w.order_head, w.first_sale, w.part_no, w.row_no,"
        " w.rep_id as old_rep, w.team_id as old_team, w.product_id as old_product,"
        " coalesce(r.rep_id, w.rep_id) as rep_id, coalesce(t.team_id, w.team_id) as team_id,"
        " coalesce(p.product_id, w.product_id) as product_id from was.sales_line_at w"
        " left join was.rep wr on wr.rep_id = w.rep_id"
        " left join now.rep_period r on r.rep_key = wr.rep_key"
        " and w.order_date >= r.begins and w.order_date < r.until"
        " left join was.team wt on wt.team_id = w.team_id"
        f" left join now.team_period t on t.team_key = {team} and w.order_date >= t.begins and w.order_date < t.until"
        " left join was.product wp on wp.product_id = w.product_id"
        " left join now.product_period p on p.product_key = wp.product_key"
        " and w.order_date >= p.begins and w.order_date < p.until"
        " where w.line_key not in (select line_key from staged.sales_line))"
        " where rep_id is distinct from old_rep or team_id is distinct from old_team"
        " or product_id is distinct from old_product"
    ).fetchone()
    return int(row[0]) if row else 0


def _mark_openers(connection: duckdb.DuckDBPyConnection, bring: Bring, *, moved: bool) -> int:
    """Find the openers of every touched document and customer; lines that gain or lose the mark change too."""
    run = connection.execute
    run("create table now.superseded as select part_no, row_no from now.arrived where not is_new")
    # Staged lines were read already; the whole fact is searched only for lines that followed a version.
    where = "semi join now.superseded s on s.part_no = w.part_no and s.row_no = w.row_no"
    run(f"create table now.former as select w.* from {'was.sales_line_at' if moved else 'now.known'} w {where}")
    for kind in ("document", "customer"):
        run(
            f"create table now.touched_{kind} as"
            f" select {kind}_id from now.arrived where {kind}_id is not null"
            f" union select {kind}_id from now.former where {kind}_id is not null"
        )
    # Where a customer's opener stays, no other line of it matters; where it goes, all of them do.
    run("create table now.reopened as select distinct customer_id from now.former where first_sale = 1")
    bring("document_id", "select document_id from now.touched_document")
    bring("customer_id", "select customer_id from now.touched_customer", only="first_sale = 1")
    bring("customer_id", "select customer_id from now.reopened")
    # Each reason to look at a line reads one column; together they would read all columns of all lines.
    at = " union ".join(
        f"select part_no, row_no, order_date from was.sales_line_at where {name} in (select {name} from now.{table})"
        for name, table in (("document_id", "touched_document"), ("customer_id", "reopened"))
    )
    run(f"create table now.beside as {at}")
    columns = ", ".join(f"w.{name}" for name in (*_PEER, "order_head", "first_sale", "part_no", "row_no"))
    run(
        f"create table now.peer as select * from ({_lines_at(connection, 'now.beside', columns)}"
        f" union select {columns} from was.sales_line_at w"
        " where first_sale = 1 and customer_id in (select customer_id from now.touched_customer)) w"
        " where not exists (select 1 from now.superseded s where s.part_no = w.part_no and s.row_no = w.row_no)"
    )
    both = f"(select {', '.join(_PEER)} from now.peer union all select {', '.join(_PEER)} from now.arrived) b"
    for table, kind, rank in (("head", "document", HEAD_RANK), ("opening", "customer", OPENING_RANK)):
        run(
            f"create table now.{table} as select {kind}_id, min({rank.format('b')}) as rank, min(order_date) as day,"
            f" {_uniform(_HEADER_IDS)} as is_uniform"
            f" from {both}"
            f" where document_type <> 'credit_note'"
            f" and {kind}_id in (select {kind}_id from now.touched_{kind}) group by 1"
        )
    run(f"create table now.line as select {_marked('l')} from now.arrived l {_OPENERS}")
    run(
        "create table now.mark as select * from (select l.part_no, l.row_no, l.order_date, l.order_head, l.first_sale,"
        f" case when td.document_id is null then l.order_head else {_is_head('l')} end as head,"
        f" case when tc.customer_id is null then l.first_sale else {_is_opening('l')} end as opens"
        f" from now.peer l {_OPENERS} left join now.touched_document td on td.document_id = l.document_id"
        " left join now.touched_customer tc on tc.customer_id = l.customer_id)"
        " where head <> order_head or opens <> first_sale"
    )
    marked = _lines_at(connection, "now.mark", "w.* replace (m.head as order_head, m.opens as first_sale)")
    run(f"create table now.flipped as {marked}")
    run(f"insert into now.line select {', '.join(COLUMNS)} from now.flipped")
    row = run("insert into now.superseded select part_no, row_no from now.mark").fetchone()
    return int(row[0]) if row else 0


def _lines_at(connection: duckdb.DuckDBPyConnection, places: str, columns: str) -> str:
    """SQL of the former lines `w` that lie where a table `m` of parts, rows and days says."""
    days = connection.execute(f"select min(order_date), max(order_date) from {places}").fetchone()
    # Naming the days spares reading all columns of all other lines.
    within = f"w.order_date between date '{days[0]}' and date '{days[1]}'" if days and days[0] else "false"
    return (
        f"select {columns} from was.sales_line_at w"
        f" join {places} m on m.part_no = w.part_no and m.row_no = w.row_no where {within}"
    )


_HEADER_IDS = (
    "document_type", "order_date", "customer_id", "place_id", "rep_id", "team_id", "channel_id", "currency_key",
)  # fmt: skip
"""What a document has one of; where its lines differ all the same, documents are counted line by line."""
_HEADER_KEYS = tuple(name.replace("_id", "_key") for name in _HEADER_IDS)
_PEER = (*_HEADER_IDS, "document_id", "document_key", "line_number", "line_key")
