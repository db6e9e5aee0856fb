"""Matrix: what goes with what; a row a thing bought, a column what was bought with it, each cell its lift."""

from __future__ import annotations

from decimal import Decimal

from app.values.words import Words, words
from layouts import format as fmt
from layouts.answered import AnsweredPanel
from layouts.columns import number
from layouts.render.plotly.parts import (
    Figure,
    Part,
    bare,
    font,
    hover_text,
    name_room,
    names_axis,
    plain,
    sentence,
    shortened,
    value_axis,
)
from layouts.render.plotly.rows import COMPACT_LETTERS
from queries.frame import Frame, Member, Value

SHOWN, FEW = 10, 5
"""Things in rows and columns, and how many columns fit on a phone."""

HEAD_LETTERS = 17
STRONGEST, FAINTEST = Decimal(3), Decimal("1.6")
"""A lift of the first or more has the full colour, and none of less than the second, so that weak ones stay pale."""

Cell = dict[str, Value]


def matrix(answered: AnsweredPanel) -> Figure:
    """The things of the strongest pairs. The frame is one that `derive.attach` has made; what chance may explain is
    pale."""
    frame, t = answered.frame, words(answered.context.locale)
    if frame is None or not frame.rows:
        return sentence(answered, t("There is no figure to draw here."))
    level = frame.columns[0].id
    pairs = {(_key(record[level]), _key(record["other"])): record for record in frame.records()}
    members = _shown(frame)
    names = [member.name or member.key for member in members]
    heads = [plain(shortened(name, HEAD_LETTERS)) for name in names]
    layout = bare(answered, left=name_room(names, COMPACT_LETTERS), right=8, top=118, bottom=6)
    layout["xaxis"] = value_axis(
        side="top", showgrid=False, tickmode="array", tickvals=list(range(len(heads))), ticktext=heads, tickangle=-90,
        range=[-0.5, max(len(heads), FEW) - 0.5], tickfont=font(11),
    )  # fmt: skip
    layout["yaxis"] = names_axis(names, max(len(names), FEW), COMPACT_LETTERS)
    layout["meta"]["compact"] = {
        "margin": {"l": name_room(names, COMPACT_LETTERS - 3)},
        "yaxis": {"ticktext": names_axis(names, 1, COMPACT_LETTERS - 3)["ticktext"]},
        "xaxis": {"range": [-0.5, FEW - 0.5]},
    }
    grid = [[pairs.get((one.key, other.key)) for other in members] for one in members]
    return {"data": [_trace(grid, members, frame, answered.context.locale, t)], "layout": layout}


def _trace(grid: list[list[Cell | None]], members: list[Member], frame: Frame, locale: str, t: Words) -> Part:
    size = list(range(len(members)))
    lifts = [Decimal(number(cell["lift"]) or 0) for row in grid for cell in row if cell is not None]
    top = min(max(*lifts, FAINTEST, FAINTEST), STRONGEST)
    return {
        "type": "heatmap",
        "x": size,
        "y": size,
        "z": [[None if cell is None else _strength(cell, top, t) for cell in row] for row in grid],
        "zmin": 0,
        "zmax": 1,
        "colorscale": [[0, "token:line/0.4"], [1, "token:last-year/0.95"]],
        "showscale": False,
        "xgap": 2,
        "ygap": 2,
        "text": [["" if cell is None else _lift(cell, locale) for cell in row] for row in grid],
        "texttemplate": "%{text}",
        "textfont": font(11),
        "customdata": [[member.key] * len(members) for member in members],
        "hovertext": [
            [
                "" if cell is None else _hover(cell, frame, one, other, locale, t)
                for other, cell in zip(members, row, strict=True)
            ]
            for one, row in zip(members, grid, strict=True)
        ],
        "hovertemplate": "%{hovertext}<extra></extra>",
        "hoverongaps": False,
    }


def _key(value: Value) -> str:
    return value.key if isinstance(value, Member) else ""


def _shown(frame: Frame) -> list[Member]:
    """The members of the first pairs, which are the strongest, in the order of their names."""
    found: dict[str, Member] = {}
    for row in frame.rows:
        pair = {member.key: member for member in row[:2] if isinstance(member, Member)}
        if len({**found, **pair}) <= SHOWN:
            found |= pair
    return sorted(found.values(), key=lambda member: (member.name, member.key))


def _strength(cell: Cell, top: Decimal, t: Words) -> float:
    """How far above chance, from 0 to 1; none where chance may explain it."""
    lift = Decimal(number(cell["lift"]) or 0)
    if cell["sure"] != t("Yes"):
        return 0.0
    return float(min(max((lift - 1) / (top - 1), Decimal("0.15")), Decimal(1)))


def _lift(cell: Cell, locale: str) -> str:
    return fmt.decimal_text(number(cell["lift"]) or 0, locale, 1)


def _hover(cell: Cell, frame: Frame, one: Member, other: Member, locale: str, t: Words) -> str:
    return hover_text(
        t("{one} with {other}", one=one.name, other=other.name),
        (frame.column("rate").title, fmt.percent(number(cell["rate"]), locale)),
        (frame.column("lift").title, fmt.decimal_text(number(cell["lift"]) or 0, locale, 2)),
        (frame.column("support").title, fmt.percent(number(cell["support"]), locale, 2)),
        (frame.column("joint").title, fmt.exact(number(cell["joint"]), "count", locale, frame.currency)),
        (frame.column("sure").title, str(cell["sure"])),
    )
