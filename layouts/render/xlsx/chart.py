"""Chart: a native chart beside its table, drawn from the table's cells, or from a block of figures below it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from app.values.words import words
from layouts.answered import AnsweredPanel
from layouts.native import NativeChart, NativeGrid, Series
from layouts.native.chart import OTHERS
from layouts.render.xlsx.look import Look, clean, serial, write_figure, write_text
from layouts.render.xlsx.table import Laid
from queries.frame import Frame

WIDE, ROW = 760, 20
"""Pixels of a chart across, and of a row of the sheet."""

BAR, LEAST, MOST = 26, 240, 620
"""Pixels that a bar takes, and how high a chart is."""

INSIDE = Decimal("0.06")
"""Of the chart's height, what a part needs for a figure within it."""

NAMES = 8
"""Names below an axis of time that do not run into each other."""

Range = list[Any]


@dataclass(frozen=True)
class Cells:
    """Where a chart's figures stand: its categories, and for each series its heading, its figures and its places."""

    categories: Range
    names: tuple[Range, ...]
    values: tuple[Range, ...]
    places: tuple[Range, ...] = ()
    is_table: bool = False


def put_chart(
    workbook: Workbook, sheet: Worksheet, answered: AnsweredPanel, chart: NativeChart, laid: Laid, look: Look
) -> int:
    """The chart right of the table; the first row below it and its figures."""
    column = len(laid.places) + 1
    tall = min(MOST, max(LEAST, len(chart.categories) * BAR + 90)) if chart.kind == "bars" else 360
    below = laid.first + -(-tall // ROW) + 2
    sheet.set_column(column - 1, column - 1, 3)
    cells = _from_table(sheet, answered, chart, laid)
    if cells is None:
        cells, below = _block(sheet, chart, (below, column), look, answered.context.locale)
    elif chart.note:
        write_text(sheet, below - 1, column, chart.note, look(font_color="muted"))
    drawn = _drawn(workbook, chart, cells, look, _dated(answered, laid) if cells.is_table else "")
    drawn.set_size({"width": WIDE, "height": tall})
    told = ". ".join(filter(None, (answered.title, answered.unit_line, answered.finding)))
    sheet.insert_chart(laid.first, column, drawn, {"description": clean(told)[:250], "object_position": 2})
    return below


def _from_table(sheet: Worksheet, answered: AnsweredPanel, chart: NativeChart, laid: Laid) -> Cells | None:
    """The cells of the table itself, where the categories are rows of it that follow each other."""
    frame = answered.frame
    if frame is None or not chart.rows or not all(each.column for each in chart.series) or answered.dimension is None:
        return None
    places = [len(frame.rows) if row == OTHERS else row for row in chart.rows]
    if places != list(range(places[0], places[0] + len(places))):
        return None
    name, first, last = sheet.get_name(), laid.first + places[0], laid.first + places[-1]
    columns = [laid.at(each.column) for each in chart.series]
    at = laid.at(answered.dimension.id)
    return Cells(
        [name, first, at, last, at],
        tuple([name, laid.header, column] for column in columns),
        tuple([name, first, column, last, column] for column in columns),
        is_table=True,
    )


def _dated(answered: AnsweredPanel, laid: Laid) -> str:
    """How the days or months of the table's first column are written, if they are such."""
    return "" if answered.dimension is None else laid.places[laid.at(answered.dimension.id)].code


def _block(sheet: Worksheet, chart: NativeChart, corner: tuple[int, int], look: Look, locale: str) -> tuple[Cells, int]:
    """The chart's figures as a small table of their own; the first row below it."""
    row, column = corner
    t, name = words(locale), sheet.get_name()
    told = " ".join(filter(None, (t("Figures of the chart."), chart.note)))
    write_text(sheet, row, column, told, look(font_color="muted", italic=True))
    heads = [chart.head or t("Name"), *([t("Part")] if chart.groups else [])]
    heads += [chart.across] if any(each.x for each in chart.series) else []
    start = column + len(heads)
    if chart.groups:
        # Spreadsheets want the outer name before the inner one.
        heads[:2] = heads[1], heads[0]
        heads[0], heads[1] = chart.head or t("Part"), t("Quarter")
    for at, title in enumerate([*heads, *(each.name for each in chart.series)]):
        write_text(
            sheet,
            row + 1,
            column + at,
            title,
            _heading(look, "right" if at >= len(heads) or (at and not chart.groups) else "left"),
        )
    sheet.set_column(column, column, 26)
    sheet.set_column(column + 1, start + len(chart.series) - 1, 13)
    first, last = row + 2, row + 1 + len(chart.categories)
    for at, category in enumerate(chart.categories):
        _names(sheet, chart, at, (first + at, column), category, look)
        for position, each in enumerate(chart.series):
            figure = each.values[at]
            if figure is not None:
                write_figure(sheet, first + at, start + position, figure, look(num_format=_code(chart, each)))
    inner = start - 1 if chart.groups else column
    across = [[name, first, start - 1, last, start - 1]] * len(chart.series) if chart.kind == "scatter" else []
    return Cells(
        [name, first, column, last, inner],
        tuple([name, row + 1, start + at] for at in range(len(chart.series))),
        tuple([name, first, start + at, last, start + at] for at in range(len(chart.series))),
        tuple(across),
    ), last + 2


def _heading(look: Look, align: str) -> Format:
    return look(
        bold=True, text_wrap=True, bg_color="bg", bottom=2, bottom_color="brand", valign="bottom", align=align,
    )  # fmt: skip


def _names(sheet: Worksheet, chart: NativeChart, at: int, cell: tuple[int, int], name: str, look: Look) -> None:
    """What a figure is of: its category, the group around it, and for dots where they stand."""
    row, column = cell
    if chart.groups:
        fresh = at == 0 or chart.groups[at] != chart.groups[at - 1]
        if fresh:
            write_text(sheet, row, column, chart.groups[at], look())
        write_text(sheet, row, column + 1, name, look())
        return
    write_text(sheet, row, column, name, look())
    place = next((each.x[at] for each in chart.series if each.x), None)
    if isinstance(place, date):
        sheet.write_number(row, column + 1, serial(place) or 0, look(num_format="yyyy-mm-dd"))
    elif place is not None:
        write_figure(sheet, row, column + 1, place, look(num_format="0.0%"))


def _code(chart: NativeChart, each: Series) -> str:
    """How a figure is written in its cell: in full, where the chart shortens it."""
    code = chart.secondary_format if each.secondary else chart.number_format
    return "0.0%" if "%" in code else "#,##0.00" if "," in code.replace("#,##0", "") else code


def _drawn(workbook: Workbook, chart: NativeChart, cells: Cells, look: Look, dated: str) -> Any:
    """The chart as spreadsheets draw it; a line over columns is a second chart on the same place."""
    kinds = {"bars": "bar", "columns": "column", "lines": "line", "scatter": "scatter"}
    subtypes = {"stacked": "stacked", "percent": "percent_stacked", "": ""}
    kind: dict[str, Any] = {"type": kinds[chart.kind]}
    if chart.kind == "scatter":
        kind["subtype"] = "straight_with_markers"
    elif chart.stacking:
        kind["subtype"] = subtypes[chart.stacking]
    drawn = workbook.add_chart(kind)
    over = None
    for at, each in enumerate(chart.series):
        said = _series(chart, each, at, cells, look)
        if chart.kind in ("bars", "columns") and each.drawn == "line":
            over = over or workbook.add_chart({"type": "line"})
            over.add_series(said)
        else:
            drawn.add_series(said)
    if over is not None:
        drawn.combine(over)
    _axes(drawn, over, chart, look, dated)
    unlisted = [at for at, each in enumerate(chart.series) if each.unseen or not each.listed]
    font = {"size": 9, "color": look.colours["muted"]}
    drawn.set_legend(
        {"position": "bottom", "font": font, "delete_series": unlisted} if chart.legend else {"none": True}
    )
    # A chart of one thing would be titled by itself.
    drawn.set_title({"none": True})
    drawn.set_chartarea({"border": {"none": True}, "fill": {"color": look.colours["surface"]}})
    drawn.set_plotarea({"fill": {"none": True}})
    return drawn


def _series(chart: NativeChart, each: Series, at: int, cells: Cells, look: Look) -> dict[str, Any]:
    colour = look.colours[each.colour]
    said: dict[str, Any] = {
        "name": cells.names[at],
        "categories": cells.places[at] if cells.places else cells.categories,
        "values": cells.values[at],
        "gap": chart.gap,
        "overlap": chart.overlap,
        "y2_axis": each.secondary,
    }
    if each.drawn == "line" or chart.kind == "scatter":
        line = {"color": colour, "width": each.width, **({"dash_type": "dash"} if each.dashed else {})}
        dots = {"type": "circle", "size": 6, "fill": {"color": colour}, "border": {"color": look.colours["surface"]}}
        said["line"] = line if each.drawn == "line" else {"none": True}
        said["marker"] = dots if each.drawn == "dots" else {"type": "none"}
    elif each.unseen:
        said |= {"fill": {"none": True}, "border": {"none": True}}
    elif each.outlined:
        said |= {"fill": {"none": True}, "border": {"color": colour, "width": 1.25}}
    else:
        said |= {"fill": {"color": colour}, "border": {"none": True}}
    if each.points and each.drawn != "line":
        said["points"] = [{"fill": {"color": look.colours[point]}, "border": {"none": True}} for point in each.points]
    return said | _labels(chart, each, look)


def _labels(chart: NativeChart, each: Series, look: Look) -> dict[str, Any]:
    font = {"size": 9, "color": look.colours["ink"]}
    code = each.number_format or (chart.secondary_format if each.secondary else chart.number_format)
    if each.texts:
        above = {} if chart.stacking else {"position": "outside_end"}
        inside = {**font, "color": look.colours["surface" if each.colour != "last-year" else "ink"]}
        room = _room(chart)
        texts: list[dict[str, Any]] = [
            {"value": text, "font": inside if abs(Decimal(figure or 0)) > room else font} if text else {"delete": True}
            for text, figure in zip(each.texts, each.values, strict=True)
        ]
        return {"data_labels": {"value": True, "custom": texts, "font": font, **above}}
    if each.labelled:
        return {"data_labels": {"value": True, "num_format": code, "font": font, "position": "outside_end"}}
    return {}


def _room(chart: NativeChart) -> Decimal:
    """How large a part has to be so that a figure is read within it; none is within bars that stand alone."""
    stacks = zip(*(each.values for each in chart.series), strict=True)
    tops = [sum((Decimal(figure) for figure in stack if figure is not None), Decimal(0)) for stack in stacks]
    high = max(map(abs, tops), default=Decimal(0))
    return (high - (chart.minimum or 0)) * INSIDE if chart.stacking else high


def _axes(drawn: Any, over: Any, chart: NativeChart, look: Look, dated: str) -> None:
    """Hairlines across, small quiet figures, names where no bar reaches."""
    font = {"size": 9, "color": look.colours["muted"]}
    lines = {"visible": True, "line": {"color": look.colours["line"], "width": 0.75}}
    quiet = {"none": True}
    unit = {"name": chart.unit, "name_font": {**font, "bold": False}} if chart.unit else {}
    values: dict[str, Any] = {
        "num_format": chart.number_format, "num_font": font, "major_gridlines": lines, "line": quiet, **unit,
    }  # fmt: skip
    if chart.minimum is not None:
        values["min"] = float(chart.minimum)
    if chart.stacking == "percent":
        values["max"] = 1
    names: dict[str, Any] = {
        "num_font": {**font, "color": look.colours["ink" if chart.kind == "bars" else "muted"]},
        "label_position": "low", "major_tick_mark": "none", "minor_tick_mark": "none",
        "line": {"color": look.colours["outline"], "width": 0.75}, "major_gridlines": {"visible": False},
        **({"num_format": dated, "text_axis": True} if dated else {}),
    }  # fmt: skip
    if chart.kind == "scatter":
        across = {"name": chart.across, "name_font": {**font, "bold": False}, "num_format": chart.x_format}
        drawn.set_x_axis({**names, **across, "num_font": font})
        drawn.set_y_axis({**values, "label_position": "low"})
    elif chart.kind == "bars":
        drawn.set_y_axis({**names, "reverse": chart.reverse})
        drawn.set_x_axis({**values, "visible": not any(each.labelled or each.texts for each in chart.series)})
    else:
        thin = -(-len(chart.categories) // NAMES)
        many = chart.kind == "lines" and thin > 1
        drawn.set_x_axis({**names, **({"interval_unit": thin, "interval_tick": thin} if many else {})})
        drawn.set_y_axis(values)
    second: Mapping[str, Any] = {
        "num_format": chart.secondary_format, "num_font": font, "line": quiet, "min": 0,
        "major_gridlines": {"visible": False}, **({"max": 1} if "%" in chart.secondary_format else {}),
    }  # fmt: skip
    if any(each.secondary for each in chart.series):
        (over or drawn).set_y2_axis(dict(second))


def put_grid(sheet: Worksheet, grid: NativeGrid, frame: Frame, laid: Laid, look: Look, locale: str) -> int:
    """The shades of a table's own cells, or a shaded table right of it; the first row below."""
    if grid.ids and all(frame.has(name) for name in grid.ids):
        shaded = grid.ids[: len(grid.ids) - grid.apart]
        first, last = laid.at(shaded[0]), laid.at(shaded[-1])
        _shade(sheet, grid, (laid.first, first, laid.first + len(grid.rows) - 1, last), look)
        return laid.end
    row, column = laid.header, len(laid.places) + 1
    sheet.set_column(column - 1, column - 1, 3)
    for at, title in enumerate((grid.head or words(locale)("Name"), *grid.columns)):
        write_text(sheet, row, column + at, title, _heading(look, "center" if at else "left"))
    sheet.set_column(column, column, min(36, 4 + max(len(name) for name in grid.rows)))
    sheet.set_column(column + 1, column + len(grid.columns), 10)
    for at, (name, line) in enumerate(zip(grid.rows, grid.values, strict=True), start=row + 1):
        write_text(sheet, at, column, name, look())
        for place, (figure, code) in enumerate(zip(line, grid.formats, strict=True), start=column + 1):
            if figure is not None:
                write_figure(sheet, at, place, figure, look(num_format=code, align="center"))
    last = row + len(grid.rows)
    _shade(sheet, grid, (row + 1, column + 1, last, column + len(grid.columns) - grid.apart), look)
    return last + 1


def _shade(sheet: Worksheet, grid: NativeGrid, cells: tuple[int, int, int, int], look: Look) -> None:
    low, middle, high = (look.colours[name] for name in grid.colours)
    least, half, most = (float(bound) for bound in grid.bounds)
    if least < most:
        rule = {
            "type": "3_color_scale", "min_color": low, "mid_color": middle, "max_color": high, "min_type": "num",
            "mid_type": "num", "max_type": "num", "min_value": least, "mid_value": half, "max_value": most,
        }  # fmt: skip
        sheet.conditional_format(*cells, rule)
