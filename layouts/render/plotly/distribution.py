"""Distribution: columns of people by attainment, from the lowest bin to the highest, names on hover."""

from __future__ import annotations

from app.values.words import words
from layouts.answered import AnsweredPanel
from layouts.columns import number
from layouts.derive.distribution import REACHED
from layouts.render.plotly.parts import Figure, bare, font, hover_text, line, note, plain, sentence, value_axis


def distribution(answered: AnsweredPanel) -> Figure:
    """A column a bin; from the quota on solid, below it lighter, the quota as a line between them."""
    frame, locale = answered.frame, answered.context.locale
    t = words(locale)
    if frame is None or not frame.has("members"):
        return sentence(answered, "")
    counts = [int(number(value) or 0) for value in frame.values("members")]
    names = [str(value) for value in frame.values("bin")]
    who = [str(value) for value in frame.values("who")]
    places = list(range(len(counts)))
    # Every second name: all of them would run into each other. The others are on hover.
    labels = [_broken(name) if place % 2 else "" for place, name in enumerate(names)]
    layout = bare(answered, left=8, right=8, top=34, bottom=46)
    layout["xaxis"] = value_axis(
        range=[-0.6, len(counts) - 0.4], tickmode="array", tickvals=places, showgrid=False, tickangle=0,
        ticktext=labels, showline=True, linecolor="token:line", tickfont=font(10, "token:muted"),
    )  # fmt: skip
    layout["yaxis"] = value_axis(range=[0, max([*counts, 1]) * 1.14], showgrid=False, showticklabels=False)
    layout["shapes"] = [line(REACHED - 0.5, REACHED - 0.5, 0, 1, "token:forecast", 2, yref="paper")]
    layout["annotations"] = [
        note(str(count), place, count, yanchor="bottom", yshift=2)
        for place, count in zip(places, counts, strict=True)
        if count
    ]
    layout["annotations"].append(
        note(plain(t("quota to date")), REACHED - 0.5, 1, yref="paper", xanchor="left", yanchor="bottom", xshift=-2,
             yshift=6, font=font(11, "token:muted"))
    )  # fmt: skip
    trace = {
        "type": "bar",
        "x": places,
        "y": counts,
        "width": 0.78,
        "marker": {
            "color": ["token:actual" if place >= REACHED else "token:last-year" for place in places],
            "cornerradius": 2,
        },
        "customdata": [None] * len(places),
        "hovertext": [
            hover_text(name, (t.n("{n} person", "{n} people", count), _wrapped(people)))
            for name, count, people in zip(names, counts, who, strict=True)
        ],
        "hovertemplate": "%{hovertext}<extra></extra>",
    }
    return {"data": [trace], "layout": layout}


def _broken(name: str) -> str:
    """A bin's name on two lines where it is long."""
    return plain(name).replace(" ", "<br>", 1) if " " in name else plain(name)


def _wrapped(people: str) -> str:
    """The first names only: the table has them all."""
    names = people.split(", ")
    return people if len(names) <= 6 else ", ".join(names[:6]) + " …"
