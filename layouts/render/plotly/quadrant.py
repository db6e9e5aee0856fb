"""Quadrant: members as dots by growth and margin rate; the corners have names, the few that matter are called."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from app.domain.quadrant import QUADRANTS, Quadrant
from app.values.words import Words, words
from layouts import format as fmt
from layouts.answered import AnsweredPanel
from layouts.columns import member_text, number
from layouts.derive.quadrant import corner_names
from layouts.render.plotly.parts import (
    SMALL,
    Figure,
    Part,
    bare,
    font,
    hover_text,
    line,
    note,
    plain,
    sentence,
    shortened,
    value_axis,
)
from queries.frame import Frame, Member

FARTHEST = Decimal("1.0")
"""Growth from which dots stand at the edge, for one that grew from next to nothing would push all others together."""

APART = Decimal("0.5")
"""Margin rate off that of all from which dots stand at the edge: something that came back late does as much."""

CALLED = 3
"""Members of each corner with something to do about them that have their name beside their dot."""

LARGEST, SMALLEST = 30.0, 6.0
COLOURS: dict[Quadrant, str] = {
    "promote": "token:pos/0.5",
    "defend": "token:actual/0.35",
    "reprice": "token:actual/0.35",
    "review": "token:neg/0.5",
}


@dataclass(frozen=True)
class Dot:
    """A member at its place; `x` and `y` are its growth and margin rate as far as the picture reaches."""

    name: str
    key: str
    x: float
    y: float
    net: Decimal
    corner: Quadrant
    hover: str


def quadrant(answered: AnsweredPanel) -> Figure:
    """Growth to the right, margin rate upwards, area by net sales. The frame is one that `derive.quadrant` has made."""
    frame, t = answered.frame, words(answered.context.locale)
    dots = [] if frame is None else dots_of(answered, frame, t)
    if frame is None or frame.totals is None or not dots:
        return sentence(answered, t("There is no figure to draw here."))
    locale = answered.context.locale
    growth, margin = (float(number(frame.totals[frame.index(name)]) or 0) for name in ("growth", "margin_rate"))
    across, up = _reach([dot.x for dot in dots] + [growth]), _reach([dot.y for dot in dots] + [margin])
    layout = bare(answered, left=52, right=12, top=22, bottom=40)
    layout["xaxis"] = value_axis(
        range=across, showgrid=False, **_ticks(across, locale, FARTHEST, plus=True),
        title={"text": plain(t("Growth on last year")), "font": font(SMALL, "token:muted"), "standoff": 4},
    )  # fmt: skip
    layout["yaxis"] = value_axis(range=up, showgrid=False, **_ticks(up, locale, _edges(Decimal(str(margin)))[1]))
    layout["shapes"] = [
        line(growth, growth, up[0], up[1], "token:outline", 1, style={"dash": "dot"}, layer="below"),
        line(across[0], across[1], margin, margin, "token:outline", 1, style={"dash": "dot"}, layer="below"),
    ]
    corners = _corners(dots, t)
    lines = [
        note(
            t("all {rate}", rate=fmt.percent(Decimal(str(growth)), locale, plus=True)), growth, up[0], xanchor="left",
            yanchor="bottom", xshift=4, font=font(SMALL, "token:muted"),
        ),
        note(
            t("all {rate}", rate=fmt.percent(Decimal(str(margin)), locale)), across[1], margin, xanchor="right",
            yanchor="bottom", yshift=1, font=font(SMALL, "token:muted"), bgcolor="token:surface/0.8",
        ),
        {**note(t("Margin rate"), 0, 1, xref="paper", yref="paper", xanchor="left", yanchor="bottom", xshift=-48,
                yshift=4, font=font(SMALL, "token:muted"))},
    ]  # fmt: skip
    called, named = _called(dots, across, up)
    layout["annotations"] = [*corners, *lines, *called]
    layout["meta"]["compact"] = {"annotations": [*corners, *lines[:1], *lines[2:], *called[:1]]}
    return {"data": [_dots(dots, named)], "layout": layout}


def dots_of(answered: AnsweredPanel, frame: Frame, t: Words) -> list[Dot]:
    """Every member at its place, the largest first, so that small dots lie on large ones."""
    locale, level = answered.context.locale, frame.columns[0].level
    by_name = {name: corner for corner, name in corner_names(t).items() if corner is not None}
    found = []
    whole = number(frame.totals[frame.index("margin_rate")]) if frame.totals is not None else None
    lowest, highest = _edges(Decimal(whole or 0))
    for record in frame.records():
        member, net, growth = record[frame.columns[0].id], number(record["net_sales"]), number(record["growth"])
        rate, corner = number(record["margin_rate"]), by_name.get(str(record["corner"]))
        if not isinstance(member, Member) or net is None or growth is None or rate is None or corner is None:
            continue
        name = member_text(member, level, locale)
        hover = hover_text(
            name,
            (frame.column("net_sales").title, fmt.exact(net, "money", locale, frame.currency)),
            (frame.column("growth").title, fmt.percent(growth, locale, plus=True)),
            (frame.column("margin_rate").title, fmt.percent(rate, locale)),
            (frame.column("corner").title, str(record["corner"])),
        )
        x = float(min(max(Decimal(growth), -FARTHEST), FARTHEST))
        y = float(min(max(Decimal(rate), lowest), highest))
        found.append(Dot(name, member.key, x, y, Decimal(net), corner, hover))
    return found


def _edges(rate: Decimal) -> tuple[Decimal, Decimal]:
    """The margin rates where the picture ends, in whole tenths around the rate of all."""
    tenth = Decimal("0.1")
    return (rate - APART).quantize(tenth, ROUND_FLOOR), (rate + APART).quantize(tenth, ROUND_CEILING)


def _dots(dots: list[Dot], named: list[Dot]) -> Part:
    most = max(float(dot.net) for dot in dots) or 1.0
    sizes = [max(SMALLEST, LARGEST * (max(float(dot.net), 0.0) / most) ** 0.5) for dot in dots]
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [dot.x for dot in dots],
        "y": [dot.y for dot in dots],
        "customdata": [dot.key for dot in dots],
        "hovertext": [dot.hover for dot in dots],
        "hovertemplate": "%{hovertext}<extra></extra>",
        "marker": {
            "size": [round(size, 1) for size in sizes],
            "color": [COLOURS[dot.corner] for dot in dots],
            "line": {
                "width": [1.5 if dot in named else 0.5 for dot in dots],
                "color": ["token:ink" if dot in named else "token:surface" for dot in dots],
            },
        },
        "cliponaxis": False,
    }


def _reach(values: list[float]) -> list[float]:
    low, high = min(values), max(values)
    room = (high - low or 0.1) * 0.09
    return [low - room, high + room * 1.2]


def _ticks(reach: list[float], locale: str, farthest: Decimal, *, plus: bool = False) -> Part:
    """Round percentages; what lies beyond the edge is said to be at least so much."""
    step = next((each for each in (5, 10, 25, 50, 100) if (reach[1] - reach[0]) * 100 / each <= 7), 200)
    first = -int(-reach[0] * 100 // step) if reach[0] < 0 else int(-(-reach[0] * 100 // step))
    values = [at * step for at in range(first, int(reach[1] * 100 // step) + 1)]
    texts = [fmt.percent(Decimal(each) / 100, locale, 0, plus=plus) for each in values]
    if values and values[-1] == farthest * 100:
        texts[-1] = f"≥ {texts[-1]}"
    return {"tickmode": "array", "tickvals": [each / 100 for each in values], "ticktext": texts}


def _corners(dots: list[Dot], t: Words) -> list[Part]:
    """The name of each corner and how many it holds."""
    names = corner_names(t)
    places: dict[Quadrant, tuple[float, float]] = {
        "promote": (1, 1),
        "defend": (0, 1),
        "reprice": (1, 0),
        "review": (0, 0),
    }
    found = []
    for corner in QUADRANTS:
        x, y = places[corner]
        count = sum(dot.corner == corner for dot in dots)
        found.append(
            note(
                f"<b>{plain(names[corner])}</b> {count}", x, y, xref="paper", yref="paper",
                xanchor="right" if x else "left", yanchor="top" if y else "bottom",
                font=font(SMALL, COLOURS[corner].split("/")[0] if corner in ("promote", "review") else "token:muted"),
                bgcolor="token:surface/0.8", yshift=-2 if y else 14, xshift=-4 if x else 4,
            )
        )  # fmt: skip
    return found


def _called(dots: list[Dot], across: list[float], up: list[float]) -> tuple[list[Part], list[Dot]]:
    """Names beside the largest dots: of those to promote, of those to review, and of all; none over another."""
    wanted: list[Dot] = []
    for corner in ("promote", "review"):
        wanted += [dot for dot in dots if dot.corner == corner][:CALLED]
    wanted += [dot for dot in dots[:CALLED] if dot not in wanted]
    taken = [(1.0, 0.075), (0.0, 0.075), (1.0, 0.97), (0.0, 0.97)]  # where the corners' own names stand
    found, named = [], []
    for dot in sorted(wanted, key=lambda each: -each.net):
        x, y = (dot.x - across[0]) / (across[1] - across[0]), (dot.y - up[0]) / (up[1] - up[0])
        if any(abs(y - other) < 0.055 and abs(x - side) < 0.34 for side, other in taken):
            continue
        taken.append((x, y))
        named.append(dot)
        left = x > 0.66
        found.append(
            note(
                plain(shortened(dot.name, 22)), dot.x, dot.y, xanchor="right" if left else "left", yanchor="middle",
                xshift=-12 if left else 12, font=font(SMALL), bgcolor="token:surface/0.85", borderpad=1,
            )
        )  # fmt: skip
    return found, named
