"""Charts on paper: every panel draws, says what the screen's figure says, and holds whatever people call things."""

from __future__ import annotations

import itertools
import re
import struct
from dataclasses import dataclass, replace
from typing import Any
from xml.etree import ElementTree

import pytest

from layouts import marks
from layouts.answered import AnsweredPanel
from layouts.dashboard import answer
from layouts.dashboards import dashboards
from layouts.render.vega import Picture, figure_at, picture, png, spark
from layouts.render.vega.engine import svg_of
from layouts.render.vega.letters import lines_of, width_of
from layouts.theme import Theme, tokens
from queries.frame import Frame, Member
from tests.conftest import SOAK
from tests.layouts.company import Company, answered, of_somebody, viewer

ADDRESSES = ("", "period=2026-W20&versus=previous", "drill=country:united-states", "period=all", "versus=none")
WIDTHS = (360, 560, 1040)
THEMES: tuple[Theme, ...] = ("light", "dark")
LOCALES = ("en", "de", "fr")
SPOKEN = "{http://www.w3.org/2000/svg}title"
TEXT = "{http://www.w3.org/2000/svg}text"
CASES = [
    (dashboard, address, WIDTHS[at % 3], THEMES[at % 2], LOCALES[at // 2 % 3])
    for at, (dashboard, address) in enumerate(itertools.product(dashboards(), ADDRESSES))
]
if SOAK:
    CASES = list(itertools.product(dashboards(), ADDRESSES, WIDTHS, THEMES, LOCALES))


@dataclass(frozen=True)
class Written:
    """A line of text as the file has it, and the box it takes."""

    text: str
    left: float
    top: float
    right: float
    bottom: float


def lines(drawn: Picture) -> list[Written]:
    """Every line of text of the picture's bytes."""
    found = []
    for each in ElementTree.fromstring(drawn.svg).iter(TEXT):
        size = float(each.attrib["font-size"])
        wide = width_of(each.text or "", size) + sum(
            width_of(part.text or "", size, strong=True) + width_of(part.tail or "", size) for part in each
        )
        text = "".join(each.itertext())
        if "transform" in each.attrib:
            x, y = (
                float(number) for number in re.findall(r"translate\(([\d.-]+),([\d.-]+)\)", each.attrib["transform"])[0]
            )
            found.append(Written(text, x - 0.8 * size, y - wide, x, y))
            continue
        x, y = float(each.attrib["x"]), float(each.attrib["y"])
        left = x - wide * {"middle": 0.5, "end": 1.0}.get(each.attrib.get("text-anchor", ""), 0.0)
        found.append(Written(text, left, y - 0.73 * size, left + wide, y))
    return found


def panels(dashboard: Any, narrowed: str = "", locale: str = "en") -> tuple[AnsweredPanel, ...]:
    return answer(dashboard, of_somebody(dashboard, narrowed), viewer(locale=locale), Company())


@pytest.mark.parametrize(
    ("dashboard", "narrowed", "width", "theme", "locale"), CASES, ids=lambda each: getattr(each, "id", str(each))
)
def test_every_chart_of_every_dashboard_is_drawn_whole_and_legibly(
    dashboard: Any, narrowed: str, width: int, theme: Theme, locale: str
) -> None:
    for each in panels(dashboard, narrowed, locale):
        drawn = picture(each, width, theme)
        if drawn is None:
            continue
        root = ElementTree.fromstring(drawn.svg)
        assert (root.attrib["width"], root.attrib["height"]) == (str(drawn.width), str(drawn.height))
        assert drawn.width == width
        assert root.findtext(SPOKEN) == drawn.alt
        assert each.title in drawn.alt
        assert not re.search(r"\b(NaN|None|undefined|Infinity)\b", drawn.svg)
        assert f'fill="{tokens(theme)["surface"]}"' in drawn.svg
        told = lines(drawn)
        assert told
        for line in told:
            inside = 0 <= line.left <= line.right <= width and 0 <= line.top <= line.bottom <= drawn.height + 1
            assert inside, (each.panel.id, line)
        for one, other in itertools.combinations(told, 2):
            apart = (
                one.right <= other.left or other.right <= one.left or one.bottom <= other.top or other.bottom <= one.top
            )
            assert apart, (each.panel.id, one, other)


def drawn_marks() -> dict[type, AnsweredPanel]:
    return {type(each.mark): each for dashboard in dashboards() for each in panels(dashboard) if each.state == "ready"}


def test_whatever_the_screen_draws_is_a_chart_and_what_it_writes_is_none() -> None:
    found = {mark: picture(each, 560) is not None for mark, each in drawn_marks().items()}
    charts = {
        marks.Cumulative, marks.Flow, marks.Timeline, marks.VarianceBars, marks.RankedBars, marks.Mix, marks.MixShift,
        marks.Bullets, marks.Columns, marks.Seasonal, marks.HeatTable, marks.Grid, marks.Bands, marks.ShareLines,
        marks.Map, marks.Waterfall, marks.Pareto, marks.Movers, marks.Distribution, marks.SmallMultiples, marks.Lines,
        marks.Ranking, marks.Quadrant, marks.Matrix, marks.SegmentGrid,
    }  # fmt: skip
    assert {mark for mark, is_chart in found.items() if is_chart} <= charts
    assert not {mark for mark, is_chart in found.items() if not is_chart} & charts
    assert {marks.Card, marks.Risks, marks.TreeTable, marks.Rows} <= {
        m for m, is_chart in found.items() if not is_chart
    }


def test_a_panel_without_an_answer_has_no_chart() -> None:
    assert picture(replace(answered("variance"), state="refused", sentence="Not yours."), 560) is None


def told_by(figure: dict[str, Any]) -> list[str]:
    """Every line that the screen's figure writes itself: labels, cells, figures of bars, names along axes."""
    texts = [each["text"] for each in figure["layout"]["annotations"]]
    for trace in figure["data"]:
        for part in trace.get("text", []):
            texts += part if isinstance(part, list) else [part]
    for key, axis in figure["layout"].items():
        if key.startswith("yaxis"):
            texts += axis.get("ticktext", [])
    return ["".join(run.text for run in line) for text in texts for line in lines_of(text) if text.strip()]


ROOMY = [each for each in dashboards() if each.id not in ("customer", "data-quality", "customer-sales", "campaigns")]


@pytest.mark.parametrize("dashboard", ROOMY, ids=lambda each: each.id)
def test_what_the_screen_says_in_figures_the_paper_says(dashboard: Any) -> None:
    compared = 0
    for each in panels(dashboard):
        drawn = picture(each, 1100)
        if drawn is None:
            continue
        wanted = {text for text in told_by(figure_at(each, 1100)) if re.search(r"\d", text)}
        missing = wanted - {line.text for line in lines(drawn)}
        compared += len(wanted)
        assert not missing, (each.panel.id, missing)
    assert compared > 20


ODD = (
    "<script>alert('x')</script>", "Müller & Söhne \"GmbH\"", "株式会社日立製作所", "Ромашка ООО", "😀 Party & Co 🎉",
    "</text></svg>", "%{x}{{datum.a}}", "&lt;b&gt;", "A\x00B\nC\td", "W" * 300, "نص عربي", "<b>fett</b>",
    "e\u0301clair",
)  # fmt: skip


def renamed(each: AnsweredPanel) -> AnsweredPanel:
    """The panel with everything on it called something odd."""
    count = itertools.count()

    def odd(value: Any) -> Any:
        return replace(value, name=ODD[next(count) % len(ODD)]) if isinstance(value, Member) else value

    def told(frame: Frame) -> Frame:
        return replace(frame, rows=tuple((odd(row[0]), *row[1:]) for row in frame.rows))

    return replace(each, frames={name: told(frame) for name, frame in each.frames.items()}, title=ODD[0])


@pytest.mark.parametrize("panel", ["variance", "top-customers", "category-mix", "rep-attainment"])
def test_odd_names_are_text_and_nothing_else(panel: str) -> None:
    drawn = picture(renamed(answered(panel)), 700)
    assert drawn is not None
    root = ElementTree.fromstring(drawn.svg)
    kinds = {each.tag.rpartition("}")[2] for each in root.iter()}
    assert kinds <= {"svg", "title", "g", "rect", "path", "text", "tspan", "line"}
    assert root.findtext(SPOKEN, "").startswith(ODD[0])
    texts = [line.text for line in lines(drawn)]
    assert any(text.startswith("<script>alert('") for text in texts)
    assert any("Müller & Söhne" in text for text in texts)
    assert any(text.startswith("株式会社") for text in texts)
    assert png(drawn.svg, 1.0).startswith(b"\x89PNG")


def fills(drawn: Picture) -> list[str]:
    shapes = drawn.svg.partition("mark-shape")[2].partition("</g>")[0]
    return re.findall(r'fill="(#[0-9a-f]{6})"', shapes)


def test_a_map_has_all_countries_and_shades_those_with_sales() -> None:
    each = answered("map", "/d/regions")
    drawn = picture(each, 700)
    assert drawn is not None
    painted = fills(drawn)
    shaded = [fill for fill in painted if fill != tokens()["land"]]
    assert len(painted) > 170
    assert len(shaded) == len(figure_at(each, 700)["data"][0]["locations"]) >= 5
    assert tokens()["shade-4"] in shaded
    assert {"0"} < {line.text for line in lines(drawn)}


def test_inside_the_united_states_the_map_has_its_states() -> None:
    each = answered("map", "/d/regions?drill=country:united-states")
    drawn = picture(each, 700)
    assert drawn is not None
    painted = fills(drawn)
    assert len(painted) == 51
    assert len([fill for fill in painted if fill != tokens()["land"]]) == 5


def test_a_companys_own_colour_takes_the_place_of_the_actuals() -> None:
    own, ours = (picture(answered("variance"), 560, accent=accent) for accent in ("#0b5fa5", ""))
    assert own is not None
    assert ours is not None
    actual = tokens()["actual"]
    assert (actual in ours.svg, "#0b5fa5" in ours.svg) == (True, False)
    assert (actual in own.svg, "#0b5fa5" in own.svg) == (False, True)
    assert tokens()["pos"] in own.svg


def test_the_same_panel_is_the_same_bytes_again() -> None:
    assert picture(answered("map", "/d/regions"), 640) == picture(answered("map", "/d/regions"), 640)


def test_pixels_are_twice_as_many_as_units() -> None:
    drawn = picture(answered("variance"), 500)
    assert drawn is not None
    content = png(drawn.svg)
    assert struct.unpack(">II", content[16:24]) == (1000, 2 * drawn.height)


def test_the_trend_of_a_card_is_a_line_that_passes_over_what_is_not_known() -> None:
    drawn = spark((1.0, None, 3.0, 2.0), 120, 28, alt="Net sales, thirteen months")
    assert (drawn.width, drawn.height, drawn.alt) == (120, 28, "Net sales, thirteen months")
    assert len(re.findall(r"[ML]", re.findall(r'd="(M[^"]*L[^"]*L[^"]*)"', drawn.svg)[0])) == 3
    assert "<path" not in spark((None, None)).svg.partition("mark-line")[2]


def test_nothing_is_ever_fetched() -> None:
    drawn = picture(answered("map", "/d/regions"), 640)
    assert drawn is not None
    assert set(re.findall(r"https?://[^\"]+", drawn.svg)) == {
        "http://www.w3.org/2000/svg",
        "http://www.w3.org/1999/xlink",
    }
    told = {"width": 9, "height": 9, "data": [{"name": "a", "url": "https://example.com/a.json"}]}
    with pytest.raises(ValueError, match="not allowed"):
        svg_of(told)


def test_a_chart_with_nothing_to_draw_says_so_and_takes_little_room() -> None:
    bare = replace(answered("bridge", "/d/sales"), frames={})
    empty = picture(bare, 560)
    assert empty is not None
    assert empty.height < 120
    assert [line.text for line in lines(empty)] == ["There is no figure to draw here."]


def test_names_on_a_phones_small_lines_are_not_cut_inside_a_sign() -> None:
    dashboard = next(each for each in dashboards() if each.id == "team")
    trends = next(each for each in panels(dashboard) if each.panel.id == "trends")
    drawn = picture(renamed(trends), 400)
    assert drawn is not None
    told = [line.text for line in lines(drawn)]
    assert "Müller & S…" in told
    assert not [text for text in told if text.startswith("Müller &a")]


@pytest.mark.parametrize("width", [1, 60, 150])
def test_no_width_is_too_small_to_end_with_a_picture(width: int) -> None:
    for dashboard in dashboards():
        for each in panels(dashboard):
            drawn = picture(each, width)
            assert drawn is None or ElementTree.fromstring(drawn.svg).attrib["width"] == str(width)
