"""Map: countries, or the states of the United States, shaded from little to much."""

from __future__ import annotations

from decimal import Decimal

from app.values.words import words
from layouts import format as fmt
from layouts.answered import AnsweredPanel, best_reference, frame_scale
from layouts.columns import member_text, number
from layouts.geography import EUROPE, UNITED_STATES, country_code, state_code
from layouts.render.plotly.parts import Figure, Part, bare, font, hover_text, note, sentence
from queries.frame import Frame, Member, Value

SHADES = [[0, "token:shade-1"], [0.34, "token:shade-2"], [0.67, "token:shade-3"], [1, "token:shade-4"]]
NORTH_AMERICA = frozenset({"USA", "CAN", "MEX"})


def choropleth(answered: AnsweredPanel) -> Figure:
    """Places without an outline are counted under the map; a click carries the member's key."""
    frame, metric, dimension = answered.frame, answered.metric, answered.dimension
    if frame is None or metric is None or dimension is None:
        return sentence(answered, "")
    states = dimension.level == "state"
    found: list[tuple[str, str, Decimal, str]] = []
    missing = 0
    for record in frame.records():
        member, value = record[dimension.id], number(record[metric.id])
        if not isinstance(member, Member) or value is None:
            continue
        code = state_code(member.key, member.name) if states else country_code(member.key, member.name)
        if code is None:
            missing += 1
            continue
        found.append((code, member.key, Decimal(value), _hover(answered, frame, record)))
    if not found:
        return sentence(answered, words(answered.context.locale)("None of these places has an outline on the map."))
    layout = bare(answered, left=0, right=0, top=0, bottom=34)
    layout["geo"] = _geo({code for code, *_ in found}, states)
    if missing:
        t = words(answered.context.locale)
        text = t.n("{n} place has no outline on the map", "{n} places have no outline on the map", missing)
        layout["annotations"] = [
            note(text, 1, 0, xref="paper", yref="paper", xanchor="right", yanchor="top", yshift=-8,
                 font=font(11, "token:muted"))
        ]  # fmt: skip
    return {"data": [_shapes(answered, found, states)], "layout": layout}


def _shapes(answered: AnsweredPanel, found: list[tuple[str, str, Decimal, str]], states: bool) -> Part:
    scale = frame_scale(answered)
    values = [scale.number(value) or 0.0 for _, _, value, _ in found]
    high = max(*values, 0.0, 0.0) or 1.0
    ticks = [0.0, high / 2, high]
    return {
        "type": "choropleth",
        "locationmode": "USA-states" if states else "ISO-3",
        "locations": [code for code, *_ in found],
        "z": values,
        "zmin": 0,
        "zmax": high,
        "colorscale": SHADES,
        "marker": {"line": {"color": "token:surface", "width": 0.8}},
        "customdata": [key for _, key, _, _ in found],
        "hovertext": [hover for *_, hover in found],
        "hovertemplate": "%{hovertext}<extra></extra>",
        "colorbar": {
            "orientation": "h",
            "thickness": 8,
            "len": 180,
            "lenmode": "pixels",
            "x": 0,
            "xanchor": "left",
            "y": 0,
            "yanchor": "top",
            "ypad": 6,
            "outlinewidth": 0,
            "tickmode": "array",
            "tickvals": ticks,
            "ticktext": ["0", *(scale.text(Decimal(str(tick)) * scale.divisor) for tick in ticks[1:])],
            "tickfont": font(11, "token:muted"),
            "ticks": "",
        },
    }


def _geo(codes: set[str], states: bool) -> Part:
    """The part of the world that holds the places; fixed, so that the map does not jump with the data."""
    common = {
        "fitbounds": False,
        "bgcolor": "rgba(0,0,0,0)",
        "showframe": False,
        "showcoastlines": False,
        "showland": True,
        "landcolor": "token:land",
        "showcountries": True,
        "countrycolor": "token:surface",
        "countrywidth": 0.6,
        "showlakes": False,
        "showocean": False,
        "resolution": 110,
    }
    if states:
        return common | {"scope": "usa", "showsubunits": True, "subunitcolor": "token:surface", "showland": True}
    world = common | {"scope": "world"}
    if codes <= EUROPE:
        return world | {
            "projection": {"type": "mercator"},
            "lonaxis": {"range": [-12, 34]},
            "lataxis": {"range": [35, 66]},
        }
    if codes <= NORTH_AMERICA and codes != {UNITED_STATES}:
        return world | {
            "projection": {"type": "mercator"},
            "lonaxis": {"range": [-140, -50]},
            "lataxis": {"range": [14, 62]},
        }
    return world | {
        "projection": {"type": "natural earth"},
        "lonaxis": {"range": [-170, 180]},
        "lataxis": {"range": [-56, 78]},
    }


def _hover(answered: AnsweredPanel, frame: Frame, record: dict[str, Value]) -> str:
    metric, dimension, locale = answered.metric, answered.dimension, answered.context.locale
    if metric is None or dimension is None:
        return ""
    unit = metric.unit or "count"
    facts = [(metric.title, fmt.exact(number(record[metric.id]), unit, locale, frame.currency))]
    reference = best_reference(frame, metric.id, "last-year")
    if reference is not None:
        change = number(record.get(f"{metric.id}@{reference}:change"))
        against = words(locale)("vs {reference}", reference=fmt.reference_name(reference, locale))
        facts.append((against, fmt.percent(change, locale, plus=True)))
    return hover_text(member_text(record[dimension.id], dimension.level, locale), *facts)
