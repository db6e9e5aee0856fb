"""What a report is made of is brought into one spelling, or refused with a sentence."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from app.values.errors import Invalid
from app.values.report import MOST_PARTS, WAITS, Part, Report
from layouts.dashboards import DASHBOARDS
from layouts.standard_reports import STANDARD

REPORT = Report("Monday", (Part("/d/overview/cumulative"), Part("/d/sales?basis=paid", "table", ("net_sales",))))


def test_a_report_is_the_same_after_it_was_written_down() -> None:
    assert Report.of(json.loads(json.dumps(REPORT.told()))) == REPORT


def test_every_part_is_looked_at_through_the_reports_selection_and_its_own_counts_more() -> None:
    told = replace(REPORT, selection="region=emea&period=last-month&basis=invoiced&grain=week")
    assert [str(view) for view in told.views()] == [
        "/d/overview/cumulative?period=last-month&basis=invoiced&grain=week&region=emea",
        "/d/sales?period=last-month&basis=paid&grain=week&region=emea",
    ]
    own = replace(REPORT, selection="region=emea", parts=(Part("/d/sales?region=apac&period=2025"),))
    assert [str(view) for view in own.views()] == ["/d/sales?period=2025&region=apac"]


def test_texts_get_one_spelling() -> None:
    told = Report("  Monday ", (Part("https://elsewhere.example/d/overview?category=b,a"),), formats=("pdf", "pdf"))
    assert (told.name, told.parts[0].view, told.formats) == ("Monday", "/d/overview?category=a,b", ("pdf",))


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"name": " "}, "A name has"),
        ({"name": "Mon\r\nday"}, "A name has"),
        ({"description": "x" * 501}, "at most 500"),
        ({"parts": ()}, "1 to 40 parts"),
        ({"parts": (Part("/d/overview"),) * (MOST_PARTS + 1)}, "1 to 40 parts"),
        ({"parts": (Part("/account"),)}, "starts with /d/"),
        ({"parts": (Part("/d/overview", "pie"),)}, "as a table"),
        ({"kind": "gossip"}, "no such kind"),
        ({"waits": ("money",)}, "no such kind"),
        ({"selection": "period=soon"}, "soon"),
        ({"accent": "red"}, "colour"),
        ({"formats": ()}, "at least one format"),
    ],
)
def test_what_could_not_be_made_is_refused_when_it_is_written(changed: dict[str, object], reason: str) -> None:
    with pytest.raises(Invalid, match=reason):
        replace(REPORT, **changed)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", STANDARD)
def test_a_standard_report_is_made_of_panels_there_are_and_says_what_it_waits_for(name: str) -> None:
    known = {dashboard.id: {panel.id for panel in dashboard.panels()} for dashboard in DASHBOARDS}
    for view in STANDARD[name].views():
        assert view.panel in known[view.dashboard], view
    assert set(STANDARD[name].waits) <= set(WAITS)
    assert STANDARD[name].kind == name
