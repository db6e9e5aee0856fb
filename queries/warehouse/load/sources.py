"""Sources: where a mapping's tables lie (folder, workbook, database), read as text beside the number of each row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

import duckdb
import pyarrow as pa
from sqlalchemy.engine import Connection

from app.values.errors import Invalid, NotFound, TooBig
from queries.warehouse.load import database, plaintext, workbook
from queries.warehouse.load.expressions import NATIVE, OTHERS, ident
from queries.warehouse.load.mappings import SourceMapping
from queries.warehouse.load.report import LoadSettings
from queries.warehouse.staged import alone, quoted

_ENDINGS = (".csv", ".csv.gz", ".parquet", ".xlsx")
Kind = Literal["csv", "parquet", "sheet", "sql", "absent"]


@dataclass(frozen=True)
class SourceTable:
    """One table of the source, found and, once `read`, standing in DuckDB as the view `source_<alias>`.

    The view has the needed columns as text (missing = null), `_row` (1, 2, … in the order of the source).
    """

    alias: str
    kind: Kind
    title: str  # what people call it: the file, the sheet, the database table
    path: Path | None = None
    name: str = ""  # sheet or database table
    schema: str | None = None
    header: tuple[str, ...] = ()
    types: Mapping[str, str] = field(default_factory=dict)  # of a typed source's columns
    rows: int = 0

    @property
    def view(self) -> str:
        """Its name in DuckDB."""
        return f"source_{self.alias}"


class Sources:
    """All tables of one load; a context manager, because databases stay connected while they are read."""

    def __init__(self, mapping: SourceMapping, source: str, limits: LoadSettings, spool: Path) -> None:
        self._mapping, self._source, self._limits, self._spool = mapping, source, limits, spool
        self._stack = ExitStack()
        self._connection: Connection | None = None
        self._names: Mapping[str, frozenset[str]] = {}
        self.tables: dict[str, SourceTable] = {}

    def __enter__(self) -> Sources:
        with ExitStack() as stack:
            if database.is_url(self._source):
                self._connection = stack.enter_context(database.connect(self._source))
            found = self._locate()
            if all(table.kind == "absent" for table in found.values()):
                wanted = ", ".join(self._mapping.sources.values())
                raise NotFound(f"Nothing for the mapping {self._mapping.name} is there; it reads {wanted}.")
            self.tables = {alias: self._typed(table) for alias, table in found.items()}
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *error: object) -> None:
        self._stack.close()

    def _locate(self) -> dict[str, SourceTable]:
        wanted = self._mapping.sources
        if self._connection is not None:
            names = database.table_names(self._connection)
            found = {
                alias: SourceTable(
                    alias, "sql", names[name.lower()][1], None, names[name.lower()][1], names[name.lower()][0]
                )
                for alias, name in wanted.items()
                if name.lower() in names
            }
        else:
            found = _in_files(Path(self._source), wanted, self._limits)
        for alias, name in wanted.items():
            if alias not in found and alias not in self._mapping.optional_sources:
                raise NotFound(f"The mapping {self._mapping.name} needs {name}, which is not in {self.shown}.")
        return {alias: found.get(alias) or SourceTable(alias, "absent", name) for alias, name in wanted.items()}

    @property
    def shown(self) -> str:
        """The source as it may be shown: no password."""
        return database.without_password(self._source)

    def read(self, into: duckdb.DuckDBPyConnection, alias: str, needed: Sequence[str]) -> SourceTable:
        """Read one table's needed columns into DuckDB. Every refusal of plaintext, workbook and database may come."""
        table = self.tables[alias]
        name = f"raw_{alias}"
        match table.kind:
            case "csv":
                table = self._read_csv(into, table, needed, name)
                number = "rowid + 1"
            case "parquet":
                table = self._read_parquet(into, table, needed, name)
                number = "_row"
            case "sheet" | "sql":
                table = self._read_batches(into, table, needed, name)
                number = "_line"
            case "absent":
                into.execute(f"create temp table {name} (_line bigint)")
                number = "_line"
        columns = [
            f"cast({ident(_actual(table, column) or '')} as varchar) as {ident(column)}"
            if _actual(table, column)
            else f"cast({self._others(table) if column == OTHERS else 'null'} as varchar) as {ident(column)}"
            for column in needed
        ]
        columns += [
            f"{ident(_actual(table, column) or '')} as {ident(NATIVE + column)}"
            for column in needed
            if self.native(alias, column)
        ]
        into.execute(
            f"create temp view {table.view} as select {', '.join([*columns, f'{number} as _row'])} from {name}"
        )
        rows = into.execute(f"select count(*) from {name}").fetchone()
        table = replace(table, rows=rows[0] if rows else 0)
        self._judge_rows(into, table, needed)
        self.tables[alias] = table
        return table

    def _typed(self, table: SourceTable) -> SourceTable:
        """A Parquet file with the columns and types it declares; other tables as they are."""
        if table.kind != "parquet" or table.path is None:
            return table
        size = table.path.stat().st_size
        if size == 0:
            raise Invalid(f"{table.title} is empty.")
        if self._limits.max_bytes is not None and size > self._limits.max_bytes:
            raise TooBig(f"{table.title} has {size:,} bytes; the limit is {self._limits.max_bytes:,}.")
        try:
            with duckdb.connect(":memory:") as connection:
                described = connection.execute(
                    f"describe select * from read_parquet('{quoted(alone(table.path))}')"
                ).fetchall()
        except duckdb.Error as error:
            raise Invalid(f"{table.title} is not a readable Parquet file.") from error
        types = {row[0]: row[1] for row in described}
        return replace(table, header=plaintext.judge_header(tuple(types), table.title, self._limits), types=types)

    def native(self, alias: str, column: str) -> str:
        """The type of a column that a source holds as something else than text, else ''."""
        table = self.tables[alias]
        kind = table.types.get(_actual(table, column) or "", "")
        return "" if kind == "VARCHAR" else kind

    def expect(self, names: Mapping[str, frozenset[str]]) -> None:
        """Say which columns the mapping names, per source: the others are what `others(…)` collects."""
        self._names = names

    def _others(self, table: SourceTable) -> str:
        named = {name.lower() for name in self._names.get(table.alias, ())}
        rest = [name for name in table.header if name.lower() not in named]
        if not rest or table.kind == "absent":
            return "null"
        pairs = ", ".join(f"'{quoted(name)}', {ident(name)}" for name in rest)
        some = ", ".join(ident(name) for name in rest)
        return f"case when coalesce({some}) is not null then json_merge_patch('{{}}', json_object({pairs})) end"

    def _wanted(self, table: SourceTable, needed: Iterable[str]) -> tuple[str, ...]:
        """The file's own names of the columns to read; refuses when one is missing that the mapping needs."""
        optional = self._mapping.optional_columns.get(table.alias, frozenset())
        chosen: dict[str, None] = {}
        for column in needed:
            actual = _actual(table, column)
            if actual:
                chosen[actual] = None
            elif column == OTHERS:
                chosen.update(dict.fromkeys(table.header))
            elif column not in optional:
                raise Invalid(f"{table.title} has no column {column}.{_hint(table, self._mapping.delimiter)}")
        return tuple(chosen)

    def _read_csv(
        self, into: duckdb.DuckDBPyConnection, table: SourceTable, needed: Sequence[str], name: str
    ) -> SourceTable:
        assert table.path is not None
        delimiter = self._mapping.delimiter
        plain = plaintext.inspect(table.path, self._limits, self._spool)
        header = plaintext.header_of(plain, table.title, delimiter, self._limits)
        table = replace(table, path=plain, header=header)
        wanted = self._wanted(table, needed)
        columns = ", ".join(f"'{quoted(column)}': 'VARCHAR'" for column in header)
        longest = self._limits.max_cell_bytes * 4 + 2_000_000
        call = (
            f"read_csv('{quoted(alone(plain))}', auto_detect=false, header=true, columns={{{columns}}},"
            f" delim='{quoted(delimiter)}', quote='\"', escape='\"', nullstr='', max_line_size={longest}"
        )
        chosen = ", ".join(ident(column) for column in wanted) or "1 as _nothing"
        try:
            into.execute(f"create temp table {name} as select {chosen} from {call}, strict_mode=true)")
        except duckdb.Error as error:
            count = plaintext.find_fault(plain, table.title, header, delimiter, self._limits)
            # Nothing wrong by the letter of the format, e.g. line ends of two kinds: read it leniently, and recount.
            into.execute(f"create temp table {name} as select {chosen} from {call}, strict_mode=false, parallel=false)")
            row = into.execute(f"select count(*) from {name}").fetchone()
            if row is None or row[0] != count:
                raise Invalid(f"{table.title} cannot be read as CSV: {str(error).splitlines()[0]}") from error
        return table

    def _read_parquet(
        self, into: duckdb.DuckDBPyConnection, table: SourceTable, needed: Sequence[str], name: str
    ) -> SourceTable:
        assert table.path is not None
        call = f"read_parquet('{quoted(alone(table.path))}', file_row_number=true)"
        columns = [
            f"nullif({ident(column)}, '') as {ident(column)}" if table.types[column] == "VARCHAR" else ident(column)
            for column in self._wanted(table, needed)
        ]
        into.execute(
            f"create temp view {name} as select {', '.join([*columns, 'file_row_number + 1 as _row'])} from {call}"
        )
        return table

    def _read_batches(
        self, into: duckdb.DuckDBPyConnection, table: SourceTable, needed: Sequence[str], name: str
    ) -> SourceTable:
        batches: Iterator[pa.RecordBatch]
        if table.kind == "sheet":
            assert table.path is not None
            header, batches = workbook.read_sheet(table.path, table.name, table.title, self._limits)
            table = replace(table, header=header)
            wanted = self._wanted(table, needed)
        else:
            assert self._connection is not None
            table = replace(table, header=database.column_names(self._connection, table.schema, table.name))
            wanted = self._wanted(table, needed)
            batches = database.read_table(self._connection, table.schema, table.name, wanted, self._limits)
        spelled = ", ".join(f"{ident(column)} varchar" for column in wanted)
        into.execute(f"create temp table {name} ({spelled}{', ' if wanted else ''}_line bigint)")
        names = ", ".join([*(ident(column) for column in wanted), "_line"])
        for batch in batches:
            into.register("arriving", pa.Table.from_batches([batch]))
            into.execute(f"insert into {name} select {names} from arriving")
            into.unregister("arriving")
        return table

    def _judge_rows(self, into: duckdb.DuckDBPyConnection, table: SourceTable, needed: Sequence[str]) -> None:
        limit = self._limits.max_rows
        if limit is not None and table.rows > limit:
            raise TooBig(f"{table.title} has {table.rows:,} rows; the limit is {limit:,}.")
        columns = [column for column in needed if column != OTHERS and not self.native(table.alias, column)]
        if not columns or table.kind in {"sheet", "absent"}:
            return
        longest = into.execute(
            f"select {', '.join(f'max(strlen({ident(column)}))' for column in columns)} from {table.view}"
        ).fetchone()
        for column, length in zip(columns, longest or (), strict=False):
            if length and length > self._limits.max_cell_bytes:
                if table.kind == "csv" and table.path is not None:
                    plaintext.find_fault(table.path, table.title, table.header, self._mapping.delimiter, self._limits)
                row = into.execute(
                    f"select min(_row) from {table.view} where strlen({ident(column)}) > {self._limits.max_cell_bytes}"
                ).fetchone()
                raise plaintext.too_long(table.title, row[0] if row else 0, column, self._limits)

    def places(
        self, into: duckdb.DuckDBPyConnection, table: SourceTable, rows: Sequence[int], columns: Sequence[str]
    ) -> dict[int, tuple[int, dict[str, str | None]]]:
        """For rows of a table: the line each stands on, and its cells of these columns."""
        actual = {column: _actual(table, column) or column for column in columns}
        if table.kind == "csv" and table.path is not None:
            found = plaintext.lines_of(table.path, self._mapping.delimiter, rows)
            at = {name: index for index, name in enumerate(table.header)}
            return {
                row: (line, {column: cells[at[name]] for column, name in actual.items() if name in at})
                for row, (line, cells) in found.items()
            }
        into.register("asked", pa.table({"asked_row": pa.array(list(rows), pa.int64())}))
        selected = ", ".join(["_row", *(ident(column) for column in columns)])
        answer = into.execute(f"select {selected} from {table.view} join asked on asked_row = _row").fetchall()
        into.unregister("asked")
        return {row[0]: (row[0], dict(zip(columns, row[1:], strict=True))) for row in answer}


def _actual(table: SourceTable, column: str) -> str | None:
    for name in table.header:
        if name == column:
            return name
    return next((name for name in table.header if name.lower() == column.lower()), None)


def _hint(table: SourceTable, delimiter: str) -> str:
    for other, called in ((";", "semicolons"), ("\t", "tabs"), (",", "commas")):
        if len(table.header) == 1 and other != delimiter and other in table.header[0]:
            return f" Its columns seem to be separated by {called}: say so in the mapping ([csv] delimiter)."
    shown = ", ".join(table.header[:12])
    return f" It has {shown}{', …' if len(table.header) > 12 else ''}."


def _in_files(source: Path, wanted: Mapping[str, str], limits: LoadSettings) -> dict[str, SourceTable]:
    if not source.exists():
        raise NotFound(f"There is no file or folder {source}.")
    files = [source] if source.is_file() else sorted(item for item in source.iterdir() if item.is_file())
    found: dict[str, SourceTable] = {}
    for alias, name in wanted.items():
        matching = [file for file in files if file.name.lower() in {name.lower() + ending for ending in _ENDINGS}]
        if len(matching) > 1:
            raise Invalid(f"{' and '.join(file.name for file in matching)} are both there; keep one of them.")
        if matching:
            found[alias] = _file_table(alias, name, matching[0], limits)
    books = [file for file in files if file.suffix.lower() == ".xlsx" and not file.name.startswith("~")]
    if len(books) == 1 and (source.is_file() or not found):
        return _in_sheets(books[0], wanted, limits) or found
    return found


def _file_table(alias: str, name: str, file: Path, limits: LoadSettings) -> SourceTable:
    if file.suffix.lower() == ".parquet":
        return SourceTable(alias, "parquet", file.name, file)
    if file.suffix.lower() == ".xlsx":
        workbook.inspect_workbook(file, limits)
        sheets = workbook.sheet_names(file)
        named = [sheet for sheet in sheets if sheet.lower() == name.lower()]
        if not named and len(sheets) > 1:
            raise Invalid(f"{file.name} has no sheet {name}; it has {', '.join(sheets)}.")
        return SourceTable(alias, "sheet", file.name, file, (named or list(sheets))[0])
    return SourceTable(alias, "csv", file.name, file)


def _in_sheets(book: Path, wanted: Mapping[str, str], limits: LoadSettings) -> dict[str, SourceTable]:
    workbook.inspect_workbook(book, limits)
    sheets = {name.lower(): name for name in workbook.sheet_names(book)}
    return {
        alias: SourceTable(alias, "sheet", f"{book.name} [{sheets[name.lower()]}]", book, sheets[name.lower()])
        for alias, name in wanted.items()
        if name.lower() in sheets
    }
