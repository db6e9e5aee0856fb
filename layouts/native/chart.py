"""Chart: what Office programs can draw themselves, as pure data: bars, columns, lines, dots, and shaded tables."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from app.values.money import exponent
from layouts import format as fmt
from layouts.columns import is_points
from queries.frame import Column

Figure = Decimal | int
Kind = Literal["bars", "columns", "lines", "scatter"]
Drawn = Literal["bar", "line", "dots"]
Stacking = Literal["", "stacked", "percent"]

OTHERS = -2
"""The row of others, where a category is of it."""


@dataclass(frozen=True)
class Series:
    """Figures with a name, one for each category, None where there is none; unrounded, as the answer has them.

    `colour` names a token, `points` one for each category where they differ. `x` are the places of dots. `outlined`:
    an edge without a filling; `unseen`: it only lifts what stands on it. `secondary`: on an axis of its own, at the
    right. `labelled`: its figures are written beside it, in its own `number_format` if it has one, or `texts` instead.
    `listed`: the legend names it. `column` is the frame's, where the figures are those of it.
    """

    name: str
    values: tuple[Figure | None, ...]
    colour: str
    drawn: Drawn = "bar"
    points: tuple[str, ...] = ()
    x: tuple[Figure | date, ...] = ()
    outlined: bool = False
    unseen: bool = False
    dashed: bool = False
    secondary: bool = False
    labelled: bool = False
    texts: tuple[str, ...] = ()
    number_format: str = ""
    listed: bool = True
    width: float = 2.0
    column: str = ""


@dataclass(frozen=True)
class NativeChart:
    """One chart. Later series lie over earlier ones.

    `number_format` is a code as spreadsheets have it: for the axis of values and for labels; it also says in which
    unit they are written (`unit`, "€M"), the figures themselves are whole. `head` is what the categories are; `groups`
    an outer name for each. `rows` are the numbers of the frame's rows that the categories are, where they are such.
    `reverse`: the first category stands on top. `overlap` is in percent of a bar, `gap` in percent between bars.
    """

    kind: Kind
    categories: tuple[str, ...]
    series: tuple[Series, ...]
    number_format: str
    unit: str = ""
    head: str = ""
    across: str = ""
    x_format: str = ""
    secondary_format: str = "0%"
    stacking: Stacking = ""
    overlap: int = 0
    gap: int = 60
    reverse: bool = False
    minimum: Decimal | None = None
    x_range: tuple[Decimal, Decimal] | None = None
    groups: tuple[str, ...] = ()
    rows: tuple[int, ...] = ()
    note: str = ""

    @property
    def legend(self) -> bool:
        """Whether there is more than one thing to tell apart."""
        return sum(each.listed and not each.unseen for each in self.series) > 1


@dataclass(frozen=True)
class NativeGrid:
    """A table whose cells are shaded by their figures: colours and figures for the least, the middle and the most.

    The last `apart` columns are of another kind, and stay plain. `formats` has a code for each column. `ids` names the
    frame's columns, where rows and cells are those of the frame.
    """

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    values: tuple[tuple[Figure | None, ...], ...]
    formats: tuple[str, ...]
    colours: tuple[str, str, str]
    bounds: tuple[Decimal, Decimal, Decimal]
    head: str = ""
    apart: int = 0
    ids: tuple[str, ...] = ()


def scale_code(scale: fmt.Scale, *, more: int = 0, plus: bool = False) -> str:
    """The number format that writes whole figures in a scale's unit: €M with one place is "#,##0.0,,"."""
    if scale.unit in fmt.RATIOS:
        return signed("0%" if not more else f"0.{'0' * more}%") if plus else "0%" if not more else f"0.{'0' * more}%"
    places = scale.digits + more
    thousands = (Decimal(scale.divisor).adjusted()) // 3
    code = f"#,##0{'.' + '0' * places if places else ''}{',' * thousands}"
    return signed(code) if plus else code


def signed(code: str) -> str:
    """A number format that writes a plus before what is above nothing."""
    return f"+{code};-{code};{code}"


def column_code(column: Column, locale: str, currency: str, *, whole: bool = False) -> str:
    """The number format of a frame's column: money to its minor unit, ratios in percent, differences with their sign.

    A difference of two percentages is written in percent: a spreadsheet knows no points. `whole`: none of its
    quantities has a fraction.
    """
    if column.unit in ("day", "date"):
        return "yyyy-mm-dd"
    if column.role == "change" or is_points(column):
        return signed("0.0%")
    if column.unit in fmt.RATIOS:
        return "0.0%"
    if column.unit == "money":
        code = money_code(locale, currency)
    else:
        code = {"factor": "0.00", "count": "#,##0"}.get(column.unit or "", "#,##0" if whole else "#,##0.00")
        if column.format == "decimal" and not whole:
            code = "#,##0.0"
    return signed(code) if column.role == "delta" else code


def money_code(locale: str, currency: str) -> str:
    """An amount with its currency where the reader's language has it: "€"#,##0.00."""
    places = exponent(currency)
    written = fmt.exact(Decimal(0), "money", locale, currency)
    before, _, rest = written.partition("0")
    after = rest.lstrip("0.,'٫").replace("\N{NO-BREAK SPACE}", " ")
    quoted = [f'"{text}"' if text.strip() else "" for text in (before.replace("\N{NO-BREAK SPACE}", " "), after)]
    return f"{quoted[0]}#,##0{'.' + '0' * places if places else ''}{quoted[1]}"
