"""What no component of ours would send is refused in a sentence, and leaves no traceback behind."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from app.assembly import House
from tests.services.salient import PASSWORD
from tests.sweep.browser import Answer, Browser
from tests.sweep.script import Script

VIEW = "/d/overview"
HALF = "\ud800"


@pytest.fixture(scope="module")
def erin(server: Flask) -> Browser:
    """Her browser; signed in here, since in other journeys everybody signs out."""
    browser = Browser(server)
    assert browser.sign_in("erin@salient.example", PASSWORD).status_code == 302
    assert browser.client.get("/").status_code == 200
    return browser


@pytest.fixture(scope="module")
def script(erin: Browser, house: House) -> Script:
    return Script(erin.dependencies, house.dashboards)


def is_refused(answer: Answer, caplog: pytest.LogCaptureFixture) -> None:
    """The notice says what is wrong; nothing is blamed on our side."""
    assert answer.status == 200
    assert "sideUpdate" in answer.body
    assert "our side" not in answer.body
    assert "Traceback" not in caplog.text
    assert not [record for record in caplog.records if record.exc_info]


@pytest.mark.parametrize(
    "asked",
    [
        5,
        [1],
        "x",
        {},
        [],
        {"startRow": "x", "endRow": 100},
        {"startRow": None, "endRow": None},
        {"startRow": -1, "endRow": 100},
        {"startRow": 0, "endRow": 1e308},
        {"startRow": 0, "endRow": 10**30},
        {"startRow": 50, "endRow": 10},
        {"startRow": True, "endRow": 100},
        *(
            {"startRow": 0, "endRow": 100, "sortModel": model}
            for model in (
                "x",
                5,
                [{}],
                ["net"],
                [{"colId": ["net"], "sort": "asc"}],
                [{"colId": "net", "sort": ["asc"]}],
                [{"colId": "net", "sort": "sideways"}],
                [{"colId": HALF, "sort": "asc"}],
                [{"colId": "net", "sort": "asc"}, {"colId": "net", "sort": "desc"}],
            )
        ),
    ],
)
def test_a_grid_that_asks_oddly_is_refused(
    erin: Browser, script: Script, caplog: pytest.LogCaptureFixture, asked: Any
) -> None:
    is_refused(erin.send(script.call("grid", VIEW, grid=asked)), caplog)


@pytest.mark.parametrize("text", [7, ["a"], {"a": 1}, True, f"ab{HALF}", "ab\x00"])
def test_a_search_that_is_no_text_is_refused(
    erin: Browser, script: Script, caplog: pytest.LogCaptureFixture, text: Any
) -> None:
    is_refused(erin.send(script.call("found", VIEW, search=text)), caplog)
    values = {"filter_level": "region", "filter_search": text, "narrow_due": True}
    is_refused(erin.send(script.call("filter-members", VIEW, **values)), caplog)


@pytest.mark.parametrize("level", ["planet", "line", "month", 7, ["region"], {}, HALF])
def test_members_of_what_is_not_offered_are_refused(
    erin: Browser, script: Script, caplog: pytest.LogCaptureFixture, level: Any
) -> None:
    values = {"filter_level": level, "filter_search": "", "narrow_due": True}
    is_refused(erin.send(script.call("filter-members", VIEW, **values)), caplog)


@pytest.mark.parametrize("asked", [5, [1], {}, {"panel": 5}, {"panel": None}, {"panel": "zz"}, {"panel": HALF}])
def test_a_panel_that_is_none_has_no_lines_and_no_explanation(
    erin: Browser, script: Script, caplog: pytest.LogCaptureFixture, asked: Any
) -> None:
    is_refused(erin.send(script.call("rows", VIEW, rows_asked=asked)), caplog)
    is_refused(erin.send(script.call("explain", VIEW, explain_asked=asked)), caplog)


@pytest.mark.parametrize("at", [5, [1], {}, {"view": 5}, {"view": None}])
def test_a_page_that_does_not_say_where_it_stands_is_refused(
    erin: Browser, script: Script, caplog: pytest.LogCaptureFixture, at: Any
) -> None:
    is_refused(erin.send(script.call("found", VIEW, search="bike", at=at)), caplog)
    is_refused(erin.send(script.call("lede", VIEW, at=at)), caplog)
