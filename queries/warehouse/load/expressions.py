"""Expressions of a mapping: SQL where `alias.column` is source text and `money(…)`, `day(…)` read it strictly."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from app.values.errors import Invalid

OTHERS = "*others"
"""The pseudo column that holds, as a JSON object, the columns of a source no expression names."""

_TOKEN = re.compile(
    # A text with e before it has backslashes that hide where it ends, and so where the expression does.
    r"""(?P<banned>\b[eE]'|\d[\w.]*'|--|/\*|;|\$)|(?P<string>'(?:[^']|'')*')|(?P<quoted>"(?:[^"]|"")*")"""
    r"""|(?P<word>[^\W\d]\w*)|(?P<number>\d[\w.]*)|(?P<space>\s+)|(?P<mark>.)""",
    re.DOTALL,
)

_DAYS = "between date '1900-01-01' and date '2199-12-31'"


@dataclass(frozen=True)
class Reader:
    """A strict reader of text: its SQL, and what to say of text it cannot read."""

    sql: Callable[[str, str | None], str]
    code: str
    reason: str


NATIVE = "="
"""Put before a column's name, it means the value as a typed source (Parquet) holds it, not its text."""

_NATIVE_SQL: Mapping[tuple[str, str], str] = {
    ("money", "number"): "try_cast({0} as decimal(18, 4))",
    ("rate", "number"): "try_cast({0} as decimal(18, 8))",
    ("whole", "whole"): "try_cast({0} as integer)",
    ("day", "day"): f"case when {{0}} {_DAYS} then {{0}} end",
    ("flag", "truth"): "{0}",
}
"""Readers that need no text where the source is typed: much faster, with the same outcome."""


def native_kind(reader: str, duckdb_type: str) -> bool:
    """Whether a reader can take a column of this type as it is."""
    kinds = {"DATE": ("day",), "BOOLEAN": ("truth",), "BIGINT": ("number", "whole"), "INTEGER": ("number", "whole")}
    kinds |= {"SMALLINT": ("number", "whole"), "TINYINT": ("number", "whole")}
    fitting = ("number",) if duckdb_type.startswith("DECIMAL") else kinds.get(duckdb_type, ())
    return any((reader, kind) in _NATIVE_SQL for kind in fitting)


def _money(text: str, mark: str | None) -> str:
    if mark is None:
        return f"case when not contains({text}, '_') then try_cast({text} as decimal(18, 4)) end"
    plain = f"replace(replace({text}, '{'.' if mark == ',' else ','}', ''), '{mark}', '.')"
    return f"try_cast({plain} as decimal(18, 4))"


def _day(text: str, form: str | None) -> str:
    # Only years come first without a declared form: 03/04/2013 could be two days, and is none.
    read = f"try_cast({text} as date)" if form is None else f"cast(try_strptime({text}, '{form}') as date)"
    guard = f" and {text} < 'A'" if form is None else ""
    return f"case when {read} {_DAYS}{guard} then {read} end"


def _first_of_period(text: str, _option: str | None) -> str:
    spelled = (
        f"case when regexp_full_match({text}, '\\d{{4}}-\\d\\d') then {text} || '-01'"
        f" when regexp_full_match({text}, '\\d{{4}}-Q[1-4]')"
        f" then left({text}, 5) || (cast(right({text}, 1) as integer) * 3 - 2) || '-01'"
        f" when regexp_full_match({text}, '\\d{{4}}') then {text} || '-01-01' else {text} end"
    )
    return f"cast(date_trunc('month', {_day('(' + spelled + ')', None)}) as date)"


def _whole(text: str, _option: str | None) -> str:
    number = f"try_cast({text} as decimal(18, 4))"
    return f"case when {number} = trunc({number}) then try_cast({number} as integer) end"


def _flag(text: str, _option: str | None) -> str:
    # DuckDB turns a list of five into a join, after which it writes rows on one core only.
    return (
        f"case when lower({text}) in ('1', 'true', 'yes') or lower({text}) in ('y', 't') then true"
        f" when lower({text}) in ('0', 'false', 'no') or lower({text}) in ('n', 'f') then false end"
    )


READERS: Mapping[str, Reader] = {
    "money": Reader(
        _money, "not_an_amount", "is not an amount (expected digits with a decimal point, such as 1234.50)"
    ),
    "rate": Reader(
        lambda text, _: f"try_cast({text} as decimal(18, 8))", "not_a_rate", "is not a rate (expected e.g. 1.0837)"
    ),
    "whole": Reader(_whole, "not_a_whole_number", "is not a whole number"),
    "day": Reader(_day, "not_a_date", "is not a date (expected year-month-day; the order of others is not guessed)"),
    "period": Reader(
        _first_of_period, "not_a_period", "is not a month, quarter or year (expected 2013-06, 2013-Q2 or 2013)"
    ),
    "flag": Reader(_flag, "not_yes_or_no", "is neither yes nor no"),
    "currency": Reader(
        lambda text, _: f"case when regexp_full_match({text}, ' *[A-Za-z]{{3}} *') then upper(trim({text})) end",
        "not_a_currency",
        "is not a three-letter currency code",
    ),
}
"""Functions of the mapping language that read a text and may fail; a failure quarantines the row."""

_BLANKS = ("' '", "chr(9)", "chr(10)", "chr(13)", "chr(160)")
_ENDS_BLANK = " or ".join(f"suffix(x, {blank})" for blank in _BLANKS)

MACROS: tuple[str, ...] = (
    # Trimming given characters is slow; nearly every text shows by its first and last one that it needs none.
    (
        f"create temp macro clean(x) as case when x >= '!' and x < '~' and not ({_ENDS_BLANK}) then x"
        f" else nullif(trim(x, {' || '.join(_BLANKS)}), '') end"
    ),
    r"create temp macro slug(x) as nullif(trim(regexp_replace(lower(x), '[^\p{L}\p{N}]+', '-', 'g'), '-'), '')",
    # DECIMAL ÷ DECIMAL is binary in DuckDB, so ten-thousandths are divided as whole numbers, half away from zero.
    (
        "create temp macro divide(a, b) as case when b <> 0 then cast(sign(a) * sign(b) *"
        " ((2 * abs(cast(cast(a as decimal(38, 4)) * 10000 as hugeint)) * 10000"
        " + abs(cast(cast(b as decimal(38, 4)) * 10000 as hugeint)))"
        " // (2 * abs(cast(cast(b as decimal(38, 4)) * 10000 as hugeint)))) as decimal(30, 0))"
        " * 0.0001::decimal(5, 4) end"
    ),
)
"""Helpers that cannot fail: `clean` trims (empty = missing), `slug` makes a key, `divide` is exact to 4 places."""


@dataclass(frozen=True)
class Read:
    """One call of a reader: what it reads, and the source column to name when it fails."""

    reader: str
    text: str  # SQL
    value: str  # SQL
    column: tuple[str, str] | None  # (alias, column)


class Compiler:
    """Turns the expressions of one feed into SQL of two nested selects, collecting what they touch.

    In the inner select stand the source tables under their aliases; it gives `"alias.column"`, `_read<n>` and
    `_text<n>` to the outer one, so that every text is read once however often it is named.
    """

    def __init__(
        self,
        aliases: Collection[str],
        settings: Mapping[str, str],
        native: Callable[[str, str], str] = lambda _alias, _column: "",
    ) -> None:
        self._aliases = aliases
        self._settings = settings
        self._native = native  # the type of a source column that is not text
        self.reads: list[Read] = []
        self.references: dict[tuple[str, str], None] = {}

    def inner(self, text: str) -> str:
        """SQL for the inner select: joins and conditions."""
        return self._compile(_tokens(text), lambda alias, column: f"{alias}.{_ident(column)}", inline=True)

    def outer(self, text: str) -> str:
        """SQL for the outer select: columns and rules."""
        return self._compile(_tokens(text), lambda alias, column: _ident(f"{alias}.{column}"), inline=False)

    def _compile(self, tokens: list[tuple[str, str]], spell: Callable[[str, str], str], *, inline: bool) -> str:
        out: list[str] = []
        at = 0
        while at < len(tokens):
            kind, word = tokens[at]
            lower = word.lower()
            following = tokens[at + 1][1] if at + 1 < len(tokens) else ""
            if kind == "word" and following == "(" and lower in READERS:
                end = _closing(tokens, at + 1)
                out.append(self._read(lower, tokens[at + 2 : end], inline=inline))
                at = end + 1
            elif kind == "word" and following == "(" and lower == "others":
                end = _closing(tokens, at + 1)
                alias, _ = self._reference("".join(token for _, token in tokens[at + 2 : end]), ("word", OTHERS))
                out.append(spell(alias, OTHERS))
                at = end + 1
            elif kind == "word" and following == "." and at + 2 == len(tokens):
                raise Invalid(f"A mapping expression breaks off after {word}.")
            elif kind == "word" and following == "." and word == "setting":
                out.append(self._setting(tokens[at + 2][1]))
                at += 3
            elif kind == "word" and following == "." and word == "let":
                out.append(_ident(f"let.{tokens[at + 2][1]}"))
                at += 3
            elif kind == "word" and following == ".":
                alias, column = self._reference(word, tokens[at + 2])
                out.append(spell(alias, column))
                at += 3
            else:
                out.append(word)
                at += 1
        return "".join(out)

    def _reference(self, alias: str, token: tuple[str, str]) -> tuple[str, str]:
        if alias not in self._aliases:
            raise Invalid(f"The mapping names {alias}.{token[1]}, but this feed has no source called {alias}.")
        column = token[1][1:-1].replace('""', '"') if token[0] == "quoted" else token[1]
        self.references[alias, column] = None
        return alias, column

    def _setting(self, name: str) -> str:
        if name not in self._settings:
            raise Invalid(f"The mapping names setting.{name}, but has no setting called {name}.")
        value = self._settings[name]
        return value if re.fullmatch(r"-?\d+", value) else "'" + value.replace("'", "''") + "'"

    def _read(self, reader: str, tokens: list[tuple[str, str]], *, inline: bool) -> str:
        parts = _arguments(tokens)
        if not 1 <= len(parts) <= 2 or (len(parts) == 2 and parts[1][0][0] != "string"):
            raise Invalid(f"The mapping calls {reader}() with arguments it does not take.")
        typed = self._read_native(reader, parts)
        if typed is not None:
            return f"({typed.value})" if inline else self._place_of(typed)
        known = set(self.references)
        sql = self._compile(parts[0], lambda alias, column: f"{alias}.{_ident(column)}", inline=True)
        option = parts[1][0][1][1:-1] if len(parts) == 2 else None
        value = READERS[reader].sql(f"({sql})" if len(parts[0]) > 3 else sql, option)
        if inline:
            return f"({value})"
        column = _first_reference(parts[0], self._aliases) or next(
            (reference for reference in self.references if reference not in known), None
        )
        return self._place_of(Read(reader, sql, value, column))

    def _read_native(self, reader: str, parts: list[list[tuple[str, str]]]) -> Read | None:
        if len(parts) != 1 or len(parts[0]) != 3:
            return None
        found = _first_reference(parts[0], self._aliases)
        kind = self._native(*found) if found else ""
        if not found or not native_kind(reader, kind):
            return None
        self.references[found] = None
        sql = f"{found[0]}.{_ident(NATIVE + found[1])}"
        value = next(form for (name, _), form in _NATIVE_SQL.items() if name == reader).format(sql)
        return Read(reader, sql, value, found)

    def _place_of(self, read: Read) -> str:
        if read not in self.reads:
            self.reads.append(read)
        return f"_read{self.reads.index(read)}"


def _tokens(text: str) -> list[tuple[str, str]]:
    tokens = []
    for match in _TOKEN.finditer(text.strip()):
        kind = match.lastgroup or "mark"
        if kind == "banned":
            raise Invalid(f"A mapping expression holds {match.group()!r}, which has no place in one: {text.strip()}")
        tokens.append((kind, match.group()))
    _balanced(tokens)
    # Blanks between a name and its bracket or dot would hide a call or a reference.
    return [
        token
        for index, token in enumerate(tokens)
        if token[0] != "space"
        or (index + 1 < len(tokens) and tokens[index + 1][1] not in {"(", "."})
        or (index > 0 and tokens[index - 1][0] == "word" and tokens[index - 1][1].lower() in _KEYWORDS)
    ]


_KEYWORDS = {"and", "or", "not", "in", "then", "else", "when", "case", "between", "over", "like", "is", "as", "by"}


def _balanced(tokens: list[tuple[str, str]]) -> None:
    """Refuse brackets and quotation marks that would reach beyond the expression."""
    waiting: list[str] = []
    for kind, word in tokens:
        if kind == "mark" and word in _CLOSES:
            waiting.append(_CLOSES[word])
        elif kind == "mark" and word in _CLOSES.values() and (not waiting or waiting.pop() != word):
            raise Invalid(f"A mapping expression has a bracket {word} that closes none.")
        elif kind == "mark" and word in "'\"":
            raise Invalid("A mapping expression has a quotation mark that is never closed.")
    if waiting:
        raise Invalid("A mapping expression has a bracket that is never closed.")


_CLOSES = {"(": ")", "[": "]", "{": "}"}


def _closing(tokens: list[tuple[str, str]], opening: int) -> int:
    depth = 0
    for index in range(opening, len(tokens)):
        if tokens[index][1] == "(" and tokens[index][0] == "mark":
            depth += 1
        elif tokens[index][1] == ")" and tokens[index][0] == "mark":
            depth -= 1
            if depth == 0:
                return index
    raise Invalid("A mapping expression has a bracket that is never closed.")


def _arguments(tokens: list[tuple[str, str]]) -> list[list[tuple[str, str]]]:
    parts: list[list[tuple[str, str]]] = [[]]
    depth = 0
    for kind, word in tokens:
        depth += (word == "(") - (word == ")") if kind == "mark" else 0
        if kind == "mark" and word == "," and depth == 0:
            parts.append([])
        elif kind != "space" or depth or parts[-1]:
            parts[-1].append((kind, word))
    return [part for part in parts if part]


def _first_reference(tokens: list[tuple[str, str]], aliases: Collection[str]) -> tuple[str, str] | None:
    for index in range(len(tokens) - 2):
        if tokens[index][0] == "word" and tokens[index][1] in aliases and tokens[index + 1][1] == ".":
            kind, word = tokens[index + 2]
            return tokens[index][1], word[1:-1].replace('""', '"') if kind == "quoted" else word
    return None


def references(text: str, aliases: Collection[str]) -> tuple[tuple[str, str], ...]:
    """The first source column an expression names, if any, as (alias, column)."""
    found = _first_reference(_tokens(text), aliases)
    return (found,) if found else ()


def words(text: str) -> tuple[str, ...]:
    """The bare words of an expression, in order."""
    return tuple(word for kind, word in _tokens(text) if kind == "word")


def _ident(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


ident = _ident
