"""What Office programs draw: every mark has its place in the table, and no chart says what the answer does not."""

from __future__ import annotations

import inspect
import itertools
from collections.abc import Iterator
from decimal import Decimal
from typing import get_args

import pytest

from layouts import format as fmt
from layouts import marks
from layouts.answered import AnsweredPanel
from layouts.columns import number
from layouts.dashboard import answer
from layouts.dashboards import dashboards
from layouts.native import NATIVES, NativeChart, NativeGrid, native, native_chart
from layouts.native.bars import stacked
from layouts.native.chart import OTHERS, column_code, money_code, scale_code
from layouts.theme import tokens
from queries.asking import Asker
from queries.catalogue import catalogue
from queries.catalogue.rollups import ROLLUPS
from queries.frame import Column, Member
from queries.warehouse.demo import build_demo
from queries.warehouse.engines import open_engine
from tests.layouts.company import TODAY, answered, context, view, viewer


@pytest.fixture(scope="module")
def panels(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[AnsweredPanel]]:
    """Every panel of every dashboard, and of one customer's, over a small demo company."""
    home = tmp_path_factory.mktemp("demo")
    engine = open_engine("", home, ROLLUPS, context().calendar, "EUR", (), threads=1)
    build_demo(engine, lines=4_000, seed=1, today=TODAY, scratch=home / "scratch", progress=None)
    asker = Asker(engine, catalogue())
    found = [each for d in dashboards() for each in answer(d, view(f"/d/{d.id}"), viewer(), asker)]
    ranked = next(each for each in found if (each.dashboard, each.panel.id) == ("overview", "top-customers"))
    assert ranked.frame is not None
    largest = ranked.frame.rows[0][0]
    assert isinstance(largest, Member)
    one = next(d for d in dashboards() if d.id == "customer")
    yield found + list(answer(one, view(f"/d/customer?drill=customer:{largest.key}"), viewer(), asker))
    engine.close()


def charts(panels: list[AnsweredPanel]) -> list[tuple[AnsweredPanel, NativeChart]]:
    return [(each, chart) for each in panels if (chart := native_chart(each)) is not None]


def of_mark(panels: list[AnsweredPanel], mark: type[object]) -> tuple[AnsweredPanel, NativeChart]:
    return next((each, chart) for each, chart in charts(panels) if type(each.mark) is mark)


def test_every_mark_has_its_place_in_the_table() -> None:
    declared = {each for _, each in inspect.getmembers(marks, inspect.isclass) if each.__module__ == marks.__name__}
    assert set(get_args(marks.Mark)) <= declared
    assert set(NATIVES) == declared
    assert all(each.told for each in NATIVES.values())


def test_every_mark_that_becomes_a_picture_does_so_on_some_dashboard(panels: list[AnsweredPanel]) -> None:
    drawn = {type(each.mark) for each in panels if native(each) is not None}
    assert {mark for mark, how in NATIVES.items() if how.draw is not None} == drawn


def test_a_chart_has_one_figure_for_each_category_and_colours_that_exist(panels: list[AnsweredPanel]) -> None:
    known = tokens("light")
    for _, chart in charts(panels):
        assert chart.categories
        assert len(chart.groups) in (0, len(chart.categories))
        for each in chart.series:
            assert len(each.values) == len(chart.categories)
            assert {each.colour, *each.points} <= set(known)
            assert all(len(extra) in (0, len(each.values)) for extra in (each.points, each.texts, each.x))
            assert all(value is None or isinstance(value, Decimal | int) for value in each.values)


def test_figures_that_name_a_column_are_those_of_the_answer(panels: list[AnsweredPanel]) -> None:
    seen = 0
    for panel, chart in charts(panels):
        for each in chart.series if chart.rows and panel.frame is not None else ():
            if each.column and panel.frame is not None:
                at, rows = panel.frame.index(each.column), panel.frame.rows
                found = [number((panel.frame.others or ())[at] if r == OTHERS else rows[r][at]) for r in chart.rows]
                assert list(each.values) == found
                seen += 1
    assert seen > 40


def test_the_steps_of_a_waterfall_stand_where_the_one_before_ended(panels: list[AnsweredPanel]) -> None:
    panel, chart = of_mark(panels, marks.Waterfall)
    assert panel.frame is not None
    assert isinstance(panel.mark, marks.Waterfall)
    base, *others = chart.series
    assert base.unseen
    tops = [
        (base.values[at] or 0) + sum(value for each in others if (value := each.values[at]) is not None)
        for at in range(len(chart.categories))
    ]
    at, reached = panel.frame.index("amount"), Decimal(0)
    for place, row in enumerate(panel.frame.rows):
        member, amount = row[0], number(row[at])
        assert isinstance(member, Member)
        level = member.key in panel.mark.levels
        start, reached = reached, Decimal(amount or 0) + (0 if level else reached)
        assert tops[place] == (reached if level else max(start, reached))


def test_a_step_that_crosses_nothing_is_drawn_on_both_sides_of_it() -> None:
    steps = [("a", Decimal(0), Decimal(3), "actual", "3"), ("b", Decimal(3), Decimal(-2), "neg", "−5")]
    series = {each.name: each.values for each in stacked(answered("bridge", "/d/sales"), steps)}
    assert series["Base"] == (Decimal(0), Decimal(0))
    assert (series["Unfavourable"][1], series["Below zero"][1]) == (Decimal(3), Decimal(-2))


def test_customers_who_left_hang_below_those_who_bought(panels: list[AnsweredPanel]) -> None:
    panel, chart = of_mark(panels, marks.Flow)
    assert panel.frame is not None
    above = [sum(each.values[at] or 0 for each in chart.series[:-1]) for at in range(len(chart.categories))]
    assert above == list(panel.frame.values("active"))
    assert all((value or 0) <= 0 for value in chart.series[-1].values)


def test_shares_of_a_mix_make_the_whole(panels: list[AnsweredPanel]) -> None:
    _, chart = of_mark(panels, marks.Mix)
    assert sum(value or 0 for value in chart.series[-1].values) == pytest.approx(1)


def test_what_is_left_out_of_a_picture_is_said(panels: list[AnsweredPanel]) -> None:
    for panel, chart in charts(panels):
        if chart.rows and panel.frame is not None and len(panel.frame.rows) > len(chart.rows):
            assert str(len(panel.frame.rows)) in chart.note


def test_a_shaded_table_is_as_wide_as_its_headings(panels: list[AnsweredPanel]) -> None:
    grids = [found for each in panels if isinstance(found := native(each), NativeGrid)]
    assert grids
    for grid in grids:
        assert len(grid.values) == len(grid.rows)
        assert {len(line) for line in grid.values} == {len(grid.columns)} == {len(grid.formats)}
        assert all(low <= high for low, high in itertools.pairwise(grid.bounds))


def test_a_panel_without_an_answer_has_no_picture(panels: list[AnsweredPanel]) -> None:
    assert [native(each) for each in panels if each.state != "ready"]
    assert all(native(each) is None for each in panels if each.state != "ready")


def test_number_formats_write_what_the_screen_writes() -> None:
    assert scale_code(fmt.scale_for([Decimal(42_300_000)], "money", "en", "EUR")) == "#,##0.0,,"
    assert scale_code(fmt.scale_for([Decimal("0.4")], "ratio", "en", "EUR"), more=1) == "0.0%"
    assert money_code("en", "EUR") == '"€"#,##0.00'
    assert money_code("de", "EUR") == '#,##0.00" €"'
    assert money_code("en", "JPY") == '"¥"#,##0'
    assert column_code(Column("d", "", "delta", unit="ratio"), "en", "EUR") == "+0.0%;-0.0%;0.0%"
