"""Shapes: boxes of text, tables and lines as the XML of a slide; every text is made safe for XML here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from layouts.render.pptx.fitting import plain
from layouts.render.pptx.theme import emu, paint, place

NAMESPACES = (
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
)

Box = tuple[float, float, float, float]
"""Left, top, width and height in inches."""


@dataclass(frozen=True)
class Run:
    """A piece of text of one look."""

    text: str
    size: float
    colour: str = "ink"
    bold: bool = False


@dataclass(frozen=True)
class Line:
    """A paragraph; `before` is the space above it in points."""

    runs: tuple[Run, ...]
    align: str = "l"
    before: float = 0


@dataclass(frozen=True)
class TableCell:
    """A cell's text and look; `fill` is a colour, empty for none; `edge` the colour of the line below it."""

    text: str
    align: str = "l"
    colour: str = "ink"
    bold: bool = False
    fill: str = ""
    edge: str = "line"


def text_box(
    number: int, name: str, box: Box, lines: Sequence[Line], *, anchor: str = "t", fill: str = "", edge: str = "",
    round_by: int = 0, inset: float = 0.0, link: str = "",
) -> str:  # fmt: skip
    """A box of text; `round_by` thousandths of its shorter side are rounded off at the corners, `inset` in inches.

    `link` is the id of the relationship of the slide that a click on the box follows: its text is not underlined.
    """
    shape = f'<a:prstGeom prst="{"roundRect" if round_by else "rect"}"><a:avLst>' + (
        f'<a:gd name="adj" fmla="val {round_by * 100}"/></a:avLst></a:prstGeom>'
        if round_by
        else "</a:avLst></a:prstGeom>"
    )
    filled = f"<a:solidFill>{paint(fill)}</a:solidFill>" if fill else "<a:noFill/>"
    edged = f'<a:ln w="9525"><a:solidFill>{paint(edge)}</a:solidFill></a:ln>' if edge else "<a:ln><a:noFill/></a:ln>"
    led = f"<a:hlinkClick r:id={_quoted(link)}/>" if link else ""
    inner = " ".join(f'{side}Ins="{emu(inset)}"' for side in "ltrb")
    return (
        f'<p:sp {NAMESPACES}><p:nvSpPr><p:cNvPr id="{number}" name={_quoted(name)}>{led}</p:cNvPr>'
        f'<p:cNvSpPr txBox="1"/><p:nvPr/></p:nvSpPr><p:spPr>{place(*box)}{shape}{filled}{edged}</p:spPr><p:txBody>'
        f'<a:bodyPr wrap="square" {inner} anchor="{anchor}"><a:noAutofit/></a:bodyPr><a:lstStyle/>'
        f"{''.join(map(paragraph, lines)) or '<a:p/>'}</p:txBody></p:sp>"
    )


def paragraph(line: Line) -> str:
    """A paragraph of a box or a cell."""
    before = f'<a:spcBef><a:spcPts val="{round(line.before * 100)}"/></a:spcBef>' if line.before else ""
    # Without a size of its own an empty line would be as high as the program likes.
    end = f'<a:endParaRPr lang="en-US" sz="{round(line.runs[-1].size * 100)}"/>' if line.runs else ""
    runs = "".join(_run(run) for run in line.runs if run.text)
    return f'<a:p><a:pPr algn="{line.align}">{before}</a:pPr>{runs}{end}</a:p>'


def _run(run: Run) -> str:
    return (
        f'<a:r><a:rPr lang="en-US" sz="{round(run.size * 100)}" b="{int(run.bold)}" dirty="0"><a:solidFill>'
        f'{paint(run.colour)}</a:solidFill><a:latin typeface="+mn-lt"/></a:rPr><a:t>{safe(run.text)}</a:t></a:r>'
    )


def table(
    number: int, name: str, said: str, box: Box, widths: Sequence[float], heights: Sequence[float],
    rows: Sequence[Sequence[TableCell]], size: float,
) -> str:  # fmt: skip
    """A table of our own look: no style of the program, lines below the rows; the first row is its heading."""
    grid = "".join(f'<a:gridCol w="{emu(width)}"/>' for width in widths)
    body = "".join(
        f'<a:tr h="{emu(height)}">{"".join(_cell(cell, size) for cell in row)}</a:tr>'
        for row, height in zip(rows, heights, strict=True)
    )
    return (
        f'<p:graphicFrame {NAMESPACES}><p:nvGraphicFramePr><p:cNvPr id="{number}" name={_quoted(name)} '
        f'descr={_quoted(said)}/><p:cNvGraphicFramePr><a:graphicFrameLocks noGrp="1"/></p:cNvGraphicFramePr><p:nvPr/>'
        f"</p:nvGraphicFramePr>{place(box[0], box[1], sum(widths), sum(heights), 'p')}<a:graphic><a:graphicData "
        'uri="http://schemas.openxmlformats.org/drawingml/2006/table"><a:tbl><a:tblPr firstRow="1">'
        "<a:tableStyleId>{2D5ABB26-0587-4C30-8999-92F81FD0307C}</a:tableStyleId></a:tblPr>"
        f"<a:tblGrid>{grid}</a:tblGrid>{body}</a:tbl></a:graphicData></a:graphic></p:graphicFrame>"
    )


def _cell(cell: TableCell, size: float) -> str:
    none = "".join(f'<a:ln{side} w="0"><a:noFill/></a:ln{side}>' for side in "LRT")
    edge = f'<a:lnB w="6350"><a:solidFill>{paint(cell.edge)}</a:solidFill></a:lnB>' if cell.edge else ""
    fill = f"<a:solidFill>{paint(cell.fill)}</a:solidFill>" if cell.fill else "<a:noFill/>"
    line = Line((Run(cell.text, size, cell.colour, cell.bold),), cell.align)
    return (
        f'<a:tc><a:txBody><a:bodyPr/><a:lstStyle/>{paragraph(line)}</a:txBody><a:tcPr marL="{emu(SIDE)}" '
        f'marR="{emu(SIDE)}" marT="{emu(ABOVE)}" marB="{emu(ABOVE)}" anchor="ctr">{none}{edge}{fill}</a:tcPr></a:tc>'
    )


SIDE, ABOVE = 0.07, 0.035
"""Inches between a cell's text and its edges."""


def safe(text: str) -> str:
    """Text as the content of an element."""
    return escape(plain(text))


def _quoted(text: str) -> str:
    return quoteattr(plain(text))
