"""The parts of charts on paper: how wide letters are, which ticks an axis has, where a long name ends."""

from __future__ import annotations

from typing import Any

import pytest
from PIL import ImageFont

from layouts.render.vega.engine import FONTS
from layouts.render.vega.labels import Label, settled
from layouts.render.vega.letters import Run, fitted, line_width, lines_of, shown, width_of
from layouts.render.vega.paint import colour_of, on_scale, palette
from layouts.render.vega.plot import Axis, plot_of
from layouts.render.vega.ticks import ticks_of

SEPARATORS = {"en": ".,", "de": ",.", "fr": ",\u202f"}


@pytest.mark.parametrize("text", ["Net sales, last year", "1,234.5 −8 %", "Ελλάδα", "Ромашка Україна", "Żółć Ğışö"])
@pytest.mark.parametrize(("strong", "file"), [(False, "Inter-Regular.ttf"), (True, "Inter-SemiBold.ttf")])
def test_letters_are_as_wide_as_the_font_draws_them(text: str, strong: bool, file: str) -> None:
    font = ImageFont.truetype(str(FONTS / file), 1000, layout_engine=ImageFont.Layout.BASIC)
    assert width_of(text, 1000, strong=strong) == pytest.approx(font.getlength(text), rel=0.002)


def test_every_letter_that_readers_of_three_languages_need_is_in_the_fonts() -> None:
    for strong in (False, True):
        unknown = width_of("日", 1, strong=strong)
        for sign in "aÄéßœçΩЖїŁőığ0…–−€£$₴₺■□▲▼◆●Δ≥≤·×½→\u202f\u00a0":
            assert width_of(sign, 1, strong=strong) not in (unknown, 0.65), sign


def test_a_long_name_is_cut_where_its_room_ends_and_says_so() -> None:
    (line,) = lines_of("<b>Schwarzenbacher</b> &amp; Montgomery")
    assert line == (Run("Schwarzenbacher", True), Run(" & Montgomery"))
    cut = fitted(line, 12, 120)
    assert "".join(run.text for run in cut).endswith("…")
    assert line_width(cut, 12) <= 120
    assert fitted(line, 12, 500) == line


def test_what_no_file_can_hold_is_left_out() -> None:
    assert shown("a\x00b\x0bc\ud800d\ufffee") == "a b c d e"


def axis(low: float, high: float, **own: Any) -> Axis:
    return Axis("y", False, low, high, 300, 0, own)


@pytest.mark.parametrize(
    ("low", "high", "own", "locale", "names"),
    [
        (0, 28.5, {"nticks": 5}, "en", ["0", "10", "20"]),
        (0, 2.8, {"nticks": 5}, "de", ["0", "1", "2"]),
        (0, 1.9, {"nticks": 5}, "de", ["0", "0,5", "1", "1,5"]),
        (-120, 950, {"nticks": 4}, "en", ["0", "500"]),
        (0, 34_000, {"nticks": 5}, "en", ["0", "10k", "20k", "30k"]),
        (0, 6_500, {"nticks": 5}, "en", ["0", "2000", "4000", "6000"]),
        (0, 6_500, {"nticks": 5, "tickformat": ",.0f"}, "fr", ["0", "2\u202f000", "4\u202f000", "6\u202f000"]),
        (-3, 3, {"nticks": 4}, "en", ["−2", "0", "2"]),
        (0, 24, {"nticks": 5, "ticksuffix": " %"}, "de", ["0 %", "5 %", "10 %", "15 %", "20 %"]),
        (1, 1, {"nticks": 5}, "en", []),
    ],
)
def test_round_ticks_are_those_that_the_screen_chooses(
    low: float, high: float, own: dict[str, Any], locale: str, names: list[str]
) -> None:
    assert [name for _, name in ticks_of(axis(low, high, **own), {"separators": SEPARATORS[locale]}, locale)] == names


def test_days_are_told_by_months_and_the_year_where_it_changes() -> None:
    layout = {"margin": {"l": 0, "r": 0, "t": 0, "b": 0},
              "xaxis": {"type": "date", "range": ["2025-03-10", "2026-11-21"]}, "yaxis": {"range": [0, 1]}}  # fmt: skip
    plot = plot_of(layout, 500, 100)
    assert [name for _, name in ticks_of(plot.axis("x"), layout, "de")] == [
        "Apr<br>2025", "Jul", "Okt", "Jan<br>2026", "Apr", "Jul", "Okt",
    ]  # fmt: skip


def label(text: str, x: float, side: Any, *, firm: bool = False) -> Label:
    return Label(lines_of(text), x, 50, side, "middle", 12, firm=firm)


def told(labels: list[Label]) -> list[tuple[str, float]]:
    return [("".join(run.text for run in each.lines[0]), each.size) for each in labels]


def test_a_name_gives_way_to_the_figure_behind_it() -> None:
    (name, size), figure = told(settled([label("Rafael Montoro", 10, "left"), label("1,387", 120, "right")], 400, 100))
    assert figure == ("1,387", 12)
    assert (name[:6], name[-1], size) == ("Rafael", "…", 12)


def test_of_two_figures_on_one_spot_one_is_read_well() -> None:
    assert told(settled([label("1,387", 50, "left"), label("2,468", 52, "left")], 400, 100)) == [("1,387", 12)]


def test_text_at_the_edge_is_moved_inside() -> None:
    (moved,) = settled([label("Plan 76.9", 395, "left")], 400, 100)
    assert moved.box[2] <= 398


def test_shades_lie_between_their_stops() -> None:
    scale = [[0, "#000000"], [0.5, "rgba(100,100,100,0.5)"], [1, "#ffffff"]]
    assert on_scale(scale, 0.25) == (50, 50, 50, 0.75)
    assert on_scale(scale, 1) == colour_of("#fff")


def test_an_accent_is_the_darkest_shade_of_a_map_and_the_others_are_paler() -> None:
    shades = [sum(colour_of(palette("light", "#0b5fa5")[f"shade-{at}"])[:3]) for at in (1, 2, 3, 4)]
    assert shades == sorted(shades, reverse=True)
    assert palette("light", "#0b5fa5")["shade-4"] == "#0b5fa5"


def test_a_name_without_room_gives_way_only_where_that_helps() -> None:
    assert told(settled([label("Li", 10, "left"), label("1,387,000", 20, "right")], 60, 100))[0] == ("Li", 12)
