"""Parts every figure shares: the bare layout, axes, labels, hover text. Colours are token names, never values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from layouts import format as fmt
from layouts.answered import AnsweredPanel
from layouts.columns import Sentiment

Figure = dict[str, Any]
Part = dict[str, Any]

SMALL = 11
NORMAL = 12
LETTER, WIDE_LETTER = 6.5, 7.4
"""Average width in pixels of a letter of the normal size."""

CLEAR = "rgba(0,0,0,0)"
TONES = {"pos": "token:pos", "neg": "token:neg", "none": "token:ink"}


def bare(answered: AnsweredPanel, *, left: int = 8, right: int = 8, top: int = 8, bottom: int = 24) -> Part:
    """A layout with nothing on it yet, of the mark's fixed height."""
    return {
        "autosize": True,
        "height": answered.mark.height,
        "margin": {"l": left, "r": right, "t": top, "b": bottom, "pad": 0, "autoexpand": False},
        "paper_bgcolor": CLEAR,
        "plot_bgcolor": CLEAR,
        "font": font(),
        "showlegend": False,
        "hovermode": "closest",
        "dragmode": False,
        "separators": separators(answered.context.locale),
        "hoverlabel": {
            "bgcolor": "token:raised",
            "bordercolor": "token:line",
            "font": font(),
            "align": "left",
            "namelength": -1,
        },
        "annotations": [],
        "shapes": [],
        "meta": {
            "panel": answered.panel.id,
            "level": answered.drill_level,
            "gesture": answered.gesture,
            "compact": {},
        },
    }


def font(size: int = NORMAL, colour: str = "token:ink") -> Part:
    """Type in the token family."""
    return {"family": "token:font", "size": size, "color": colour}


def separators(locale: str) -> str:
    """The decimal and the grouping character, as plotly wants them."""
    symbols = fmt.locale_of(locale).number_symbols["latn"]
    return f"{symbols['decimal']}{symbols['group']}"


def plain(text: str) -> str:
    """Text that plotly shows as it is: its labels read a little HTML."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def shortened(text: str, letters: int) -> str:
    """At most so many letters, the cut marked."""
    return text if len(text) <= letters else text[: max(1, letters - 1)].rstrip() + "…"


def hidden_axis(**more: Any) -> Part:
    """An axis that only places things."""
    return {"visible": False, "fixedrange": True, "zeroline": False, **more}


def value_axis(**more: Any) -> Part:
    """A calm axis of values: hairlines and small figures, no line of its own."""
    return {
        "fixedrange": True,
        "zeroline": False,
        "showline": False,
        "gridcolor": "token:line",
        "gridwidth": 1,
        "ticks": "",
        "tickfont": font(SMALL, "token:muted"),
        "automargin": False,
        **more,
    }


def time_axis(**more: Any) -> Part:
    """The axis of days, weeks or months: its names upright, and clear of the figure where the other axis begins."""
    return value_axis(tickmode="array", showgrid=False, tickangle=0, ticklabelstandoff=6, **more)


def names_axis(names: Sequence[str], rows: int, letters: int) -> Part:
    """The names of rows, from the top down, at a fixed distance however few they are."""
    return {
        "range": [rows - 0.5, -0.5],
        "tickmode": "array",
        "tickvals": list(range(len(names))),
        "ticktext": [plain(shortened(name, letters)) for name in names],
        "tickfont": font(),
        "ticks": "",
        "ticklen": 0,
        "ticklabelstandoff": 8,
        "showgrid": False,
        "zeroline": False,
        "showline": False,
        "fixedrange": True,
        "automargin": False,
    }


def slots(rows: int, limit: int) -> int:
    """How many rows share the height: a few rows stand further apart, but never so far that bars become blocks."""
    return min(limit, max(rows, 5))


def as_few(layout: Part, rows: int, limit: int, shapes: Sequence[Part] = ()) -> None:
    """On a phone, where nothing stands beside it, a picture of few rows is no taller than they are.

    `shapes` are those of rows that stand as close as among many.
    """
    if rows >= limit:
        return
    above = layout["margin"]["t"] + layout["margin"]["b"]
    tall = round(above + (layout["height"] - above) * rows / limit)
    compact = layout["meta"].setdefault("compact", {})
    compact["height"] = tall
    compact["yaxis"] = {**compact.get("yaxis", {}), "range": [rows - 0.5, -0.5]}
    if shapes:
        compact["shapes"] = list(shapes)
    layout["meta"]["few"] = {"tall": tall, "thicker": limit / slots(rows, limit)}


def name_room(names: Sequence[str], letters: int) -> int:
    """Pixels that the longest of the names, cut at so many letters, needs on the left."""
    longest = max((len(shortened(name, letters)) for name in names), default=0)
    # In a short name a few wide letters weigh more.
    return round(max(longest * LETTER, min(longest, 10) * WIDE_LETTER)) + 18


def note(text: str, x: float, y: float, **more: Any) -> Part:
    """A label without an arrow."""
    return {"text": text, "x": x, "y": y, "showarrow": False, "font": font(), "align": "left", **more}


def column_head(text: str, x: float, anchor: Literal["left", "center", "right"], *, xref: str = "paper") -> Part:
    """The heading above a column of bars or figures."""
    return note(
        plain(text), x, 1, xref=xref, yref="paper", xanchor=anchor, yanchor="bottom", yshift=6,
        font=font(SMALL, "token:muted"),
    )  # fmt: skip


def side_figure(text: str, row: int, tone: Sentiment) -> Part:
    """A figure at the right edge of a row."""
    return note(text, 1, row, xref="paper", yref="y", xanchor="right", yanchor="middle", font=font(NORMAL, TONES[tone]))


def line(x0: float, x1: float, y0: float, y1: float, colour: str, width: float = 1, **more: Any) -> Part:
    """A straight line on the plot."""
    style = {"color": colour, "width": width, **more.pop("style", {})}
    return {"type": "line", "x0": x0, "x1": x1, "y0": y0, "y1": y1, "line": style, **more}


def bars(
    values: Sequence[float | None],
    rows: Sequence[int],
    colour: str | Sequence[str],
    *,
    keys: Sequence[str | None],
    hover: Sequence[str],
    width: float = 0.5,
    **more: Any,
) -> Part:
    """Horizontal bars, each carrying its member's key."""
    return {
        "type": "bar",
        "orientation": "h",
        "x": list(values),
        "y": list(rows),
        "width": width,
        "marker": {
            "color": colour if isinstance(colour, str) else list(colour),
            "cornerradius": 2,
            "line": {"width": 0},
        },
        "customdata": list(keys),
        "hovertext": list(hover),
        "hovertemplate": "%{hovertext}<extra></extra>",
        "textfont": font(),
        "cliponaxis": False,
        "constraintext": "none",
        "textangle": 0,
        **more,
    }


def hover_text(head: str, *facts: tuple[str, str]) -> str:
    """A name in bold and figures under it, those without a figure left out."""
    rows = [f"{plain(label)} {plain(text)}" for label, text in facts if text and text != fmt.MISSING]
    return "<br>".join((f"<b>{plain(head)}</b>", *rows))


def sentence(answered: AnsweredPanel, text: str) -> Figure:
    """A picture that cannot be drawn says why."""
    layout = bare(answered)
    layout |= {"xaxis": hidden_axis(range=[0, 1]), "yaxis": hidden_axis(range=[0, 1])}
    layout["annotations"] = [note(plain(text), 0.5, 0.5, font=font(NORMAL, "token:muted"), align="center")]
    return {"data": [], "layout": layout}
