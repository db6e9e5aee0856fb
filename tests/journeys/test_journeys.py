"""Journeys over HTTP: what each persona of the demo company does on a working day, without a browser."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask

from app.assembly import House
from app.services.defaults import ROLE_HOMES
from app.values.hierarchy import PATHS
from app.values.view import View
from layouts.screen.dashboard import is_cards
from queries.warehouse.demo.personas import PERSONAS
from tests.journeys.conftest import SignedIn
from tests.services.salient import PASSWORD
from tests.sweep.browser import Browser, Request, table_of
from tests.sweep.script import Script

NAMES = [persona.email.partition("@")[0] for persona in PERSONAS]
SEEING = [name for name in NAMES if name != "otto"]
HALF_A_CENT = Decimal("0.005")
PATH_OF = {"place": "regions/ranked", "goods": "overview/category-mix", "time": "sales/by-month"}


class Visit:
    """A person at a dashboard: the page follows the address, as the frame says."""

    def __init__(self, browser: Browser, house: House) -> None:
        self.browser = browser
        self.script = Script(browser.dependencies, house.dashboards)
        self.view = ""
        self.frame: dict[str, Any] = {}

    def open(self, address: str) -> Visit:
        """Go to an address; what stands there afterwards is the view the server made of it."""
        self.frame = self._call(self.script.call("main", "/d/overview", url=f"http://localhost{address}"))
        self.view = self.frame["main"]["data-view"]
        return self

    def click(self, level: str, key: str) -> Visit:
        """Click the mark of a member, and follow."""
        mark = {"level": level, "key": key, "gesture": "drill"}
        return self.open(self._call(self.script.call("mark", self.view, mark=mark))["url"]["href"])

    def panel(self, name: str) -> dict[str, Any]:
        """A panel's answer and figure, drawn."""
        dashboard, _, panel = name.partition("/")
        place = {"dashboard": dashboard, "panel": panel}
        drawn = self._call(self.script.call("answer", self.view, place))
        flipped = self._call(self.script.call("twin", self.view, place, twin=True))
        parts = {json.loads(own)["type"]: found for own, found in drawn.items()}
        table = list(rows(flipped)) or list(rows(parts["answer"]))
        return {"figure": parts["figure"]["data"], "table": table, "outcome": _outcome(parts["answer"])}

    def file(self, name: str) -> list[dict[str, str]]:
        """The same panel through the same selection as a CSV file."""
        query = self.view.partition("?")[2]
        answer = self.browser.send(Request(f"/d/{name}.csv?{query}"))
        assert answer.status == 200, answer.body
        return table_of(answer.body)

    def lines(self) -> dict[str, Any]:
        """The first block of the lines behind what is looked at."""
        return dict(self._call(self.script.grid(self.view))["grid"]["getRowsResponse"])

    def _call(self, request: Request) -> dict[str, Any]:
        answer = self.browser.send(request)
        assert answer.status == 200, (request.text, answer.status, answer.body[:500])
        told = json.loads(answer.body)
        assert "sideUpdate" not in told, answer.body[:500]
        return dict(told["response"])


def rows(part: Any) -> Iterator[list[tuple[str, str | None]]]:
    """The rows of the tables in some components: each cell's text, and where it leads."""
    if isinstance(part, dict):
        if part.get("type") == "Tr":
            yield [_cell(cell) for cell in part["props"]["children"]]
            return
        part = list(part.values())
    if isinstance(part, list):
        for each in part:
            yield from rows(each)


def _cell(cell: dict[str, Any]) -> tuple[str, str | None]:
    content = cell["props"].get("children")
    if isinstance(content, dict):
        return str(content["props"]["children"]), content["props"].get("href")
    return str(content or ""), None


def _outcome(answer: dict[str, Any]) -> str:
    return str(answer["children"]["props"]["content"][0]["props"]["data-outcome"])


def visit(signed_in: SignedIn, house: House, name: str) -> Visit:
    """A signed-in persona, nowhere yet."""
    return Visit(signed_in(name), house)


@pytest.mark.parametrize("name", SEEING)
def test_everybody_signs_in_and_finds_the_dashboard_of_their_role_with_figures(
    signed_in: SignedIn, house: House, name: str
) -> None:
    person = visit(signed_in, house, name).open("/")
    viewer = house.viewer_named(next(persona.email for persona in PERSONAS if persona.email.startswith(f"{name}@")))
    home = ROLE_HOMES[viewer.role]
    assert person.view.partition("?")[0] == f"/d/{home}"
    assert person.frame["main"]["data-dashboard"] == home
    rail = json.dumps(person.frame["rail"])
    assert next(persona.name for persona in PERSONAS if persona.email.startswith(f"{name}@")) in rail
    # One about all rows is offered only to those who see them all.
    for dashboard in house.dashboards:
        assert (f'"/d/{dashboard.id}' in rail) == dashboard.is_open_to(viewer), dashboard.id
    board = next(dashboard for dashboard in house.dashboards if dashboard.id == home)
    # What stands on top may have nothing to tell, such as when no customer declines.
    panels = [panel for row in board.rows if not is_cards(row) for panel in row]
    assert any(person.panel(f"{home}/{panel.id}")["outcome"] == "ready" for panel in panels)


def test_every_tab_has_our_mark_and_nothing_is_fetched_for_it(signed_in: SignedIn) -> None:
    mark = '<link rel="icon" href="data:image/svg+xml,'
    for page in ("/d/overview", "/account"):
        text = signed_in("erin").client.get(page).text
        assert text.count('rel="icon"') == text.count(mark) == 1, page


def test_otto_signs_in_and_is_told_why_nothing_is_there(signed_in: SignedIn, house: House) -> None:
    otto = visit(signed_in, house, "otto")
    for address in ("/", "/d/overview", "/d/regions?drill=market:emea"):
        otto.open(address)
        assert otto.view == ""
        assert "Nothing is assigned to you yet" in json.dumps(otto.frame)
    assert otto.browser.send(Request("/d/overview.csv")).status in (403, 404)
    assert "nothing to see" in otto.browser.client.get("/account").text


@pytest.mark.parametrize("name", ["ada", "erin", "remy", "tess", "sam", "amy", "fay", "mia"])
def test_a_click_at_a_time_leads_from_the_company_to_a_single_line(
    signed_in: SignedIn, house: House, name: str
) -> None:
    person, panel = visit(signed_in, house, name).open("/d/regions?period=last-year&versus=none"), "regions/ranked"
    sold = None
    for level in PATHS["place"]:
        file = person.file(panel)
        assert f"{level}_key" in file[0], (level, person.view)
        here = sum(Decimal(row["net_sales"]) for row in file)
        # What one drilled into is the sum of what stands there, each figure rounded to the cent by itself.
        assert sold is None or abs(here - sold) <= HALF_A_CENT * (len(file) + 1), person.view
        chosen = next(row for row in file if row[f"{level}_key"] and Decimal(row["net_sales"]) > 0)
        sold = Decimal(chosen["net_sales"])
        if level == "line":
            break
        figure = person.panel(panel)["figure"]
        if figure is not None:
            assert figure["layout"]["meta"]["level"] == level
            assert chosen[f"{level}_key"] in json.dumps(figure["data"])
        person.click(level, chosen[f"{level}_key"])
    assert View.parse(person.view).selection.drilled == PATHS["place"][:-1]
    lines = person.lines()
    assert lines["rowCount"] == len(file)
    assert len({row["document"] for row in lines["rowData"]}) == 1


@pytest.mark.parametrize("path", PATH_OF)
def test_every_hierarchy_drills_to_the_line(signed_in: SignedIn, house: House, path: str) -> None:
    panel = PATH_OF[path]
    erin = visit(signed_in, house, "erin").open(f"/d/{panel.partition('/')[0]}?period=2025&versus=none")
    for level in PATHS[path][1 if path == "time" else 0 :]:
        if path == "time" and level == "quarter":
            continue
        file = erin.file(panel)
        column = f"{level}_key" if f"{level}_key" in file[0] else level
        assert column in file[0], (level, erin.view, file[0])
        chosen = next(row for row in file if row[column] and row["net_sales"] and Decimal(row["net_sales"]) > 0)
        if level != "line":
            erin.click(level, chosen[column])
    assert erin.lines()["rowCount"] >= 1


@pytest.mark.parametrize("name", ["erin", "remy", "sam"])
def test_a_figure_is_the_same_on_the_screen_in_the_file_and_in_the_lines(
    signed_in: SignedIn, house: House, name: str
) -> None:
    person = visit(signed_in, house, name).open("/d/regions?period=last-quarter")
    for panel in ("regions/ranked", "regions/map"):
        table = person.panel(panel)["table"]
        told = {row[0][0]: row[1][0] for row in table[1:]}
        for row in person.file(panel):
            member = row.get("market") or row.get("country") or row.get("region")
            assert told[str(member)] == f"€{Decimal(row['net_sales']):,.2f}".replace("€-", "−€")
    rows_file = person.browser.send(Request("/d/regions/ranked.rows.csv?period=last-quarter")).body
    lines = table_of(rows_file)
    exact = sum(Decimal(line["net_sales"]) for line in lines if line["net_sales"])
    shown = sum(Decimal(row["net_sales"]) for row in person.file("regions/ranked"))
    # Lines are rounded to the cent one by one, the figure once.
    assert abs(exact - shown) <= HALF_A_CENT * (len(lines) + len(person.file("regions/ranked")))
    assert person.lines()["rowCount"] == len(lines)


def test_an_address_that_erin_sends_shows_remy_his_part_of_it(signed_in: SignedIn, house: House) -> None:
    address = "/d/regions?period=last-year&versus=none"
    erin, remy = (visit(signed_in, house, name).open(address) for name in ("erin", "remy"))
    assert erin.view == remy.view
    all_places = {row["market_key"]: Decimal(row["net_sales"]) for row in erin.file("regions/ranked")}
    his_places = {row["market_key"]: Decimal(row["net_sales"]) for row in remy.file("regions/ranked")}
    assert set(his_places) < set(all_places)
    assert all(amount < all_places[place] for place, amount in his_places.items())


def test_a_link_into_the_depth_opens_there_and_back_is_one_step_up(signed_in: SignedIn, house: House) -> None:
    erin = visit(signed_in, house, "erin").open("/d/regions?period=last-year&drill=market:emea/country:spain")
    assert "Spain" in json.dumps(erin.frame["crumbs"])
    up = [row for row in _links(erin.frame["crumbs"]) if "country" not in row]
    assert "/d/regions?period=last-year&drill=market:emea" in up
    assert "/d/regions?period=last-year" in up
    before = erin.file("regions/ranked")
    erin.click("region", before[0]["region_key"]).open("/d/regions?period=last-year&drill=market:emea/country:spain")
    assert erin.file("regions/ranked") == before


def _links(part: Any) -> list[str]:
    if isinstance(part, dict):
        own = [part["href"]] if isinstance(part.get("href"), str) else []
        return own + [link for each in part.values() for link in _links(each)]
    return [link for each in part for link in _links(each)] if isinstance(part, list) else []


def test_a_link_followed_before_signing_in_is_where_one_arrives(server: Flask) -> None:
    browser = Browser(server)
    address = "/d/regions?period=last-year&drill=market:emea"
    sent_away = browser.client.get(address)
    assert sent_away.status_code == 302
    login = sent_away.headers["Location"]
    fields = {**browser.hidden(login), "email": "erin@salient.example", "password": PASSWORD}
    came = browser.client.post("/login", data=fields)
    assert came.status_code == 302
    assert View.parse(came.headers["Location"]) == View.parse(address)


def test_the_reps_sum_up_to_the_team(signed_in: SignedIn, house: House) -> None:
    tess = visit(signed_in, house, "tess").open("/d/overview?period=last-year&versus=none")
    [whole] = tess.file("overview/net-sales")
    reps = {row["rep_key"]: row for row in tess.file("overview/rep-attainment")}
    assert len(reps) > 1
    assert sum(Decimal(row["net_sales"]) for row in reps.values() if row["net_sales"]) == Decimal(whole["net_sales"])


@pytest.mark.parametrize("name", NAMES)
def test_everybody_signs_out_and_is_gone(server: Flask, name: str) -> None:
    browser = Browser(server)
    assert browser.sign_in(f"{name}@salient.example", PASSWORD).status_code == 302
    assert browser.client.get("/").status_code == 200
    token = browser.client.get_cookie("salient")
    came = browser.client.post("/logout", data=browser.hidden("/logout"))
    assert (came.status_code, came.headers["Location"]) == (302, "/login")
    assert browser.client.get("/").status_code == 302
    browser.client.set_cookie("salient", token.value if token else "")
    assert browser.client.get("/_dash-layout").status_code == 401
