"""A report is made of the parts that are its reader's, as one file, and what was made stays as it was."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import openpyxl
import pytest
from pypdf import PdfReader

from app.assembly import House, assemble
from app.factory import create_app
from app.reporting import make, make_later, paper
from app.services import instances, reports
from app.services.instances import InstanceCard
from app.values.errors import Forbidden, NotFound, TooBig
from app.values.report import Part, Report
from app.web.downloads import DRAWN_AT_ONCE, drawing
from layouts.render import formats
from layouts.standard_reports import STANDARD
from scheduler.jobs.reports import make_waiting
from tests.services.salient import PASSWORD, with_demo, workspace
from tests.sweep.browser import Browser


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A small demo company."""
    opened = assemble(with_demo(workspace(tmp_path_factory.mktemp("reporting")), 12_000))
    yield opened
    opened.close()


def kept(house: House, who: str, source: str | Report) -> str:
    viewer = house.viewer_named(f"{who}@salient.example")
    with house.database.write() as session:
        if isinstance(source, str):
            return reports.copy(session, viewer, source, house.dashboards).id
        return reports.save(session, viewer, source, house.dashboards).id


def opened(house: House, who: str, made: InstanceCard, ending: str) -> bytes:
    name = next(file.name for file in made.files if file.name.endswith(ending))
    with house.database.write() as session:
        viewer = house.viewer_named(f"{who}@salient.example")
        return instances.open_file(session, viewer, house.settings.home.resolve(), made.id, name).content


def told(house: House, who: str, report: Report) -> dict[str, Any]:
    """The report as its JSON says it."""
    viewer = house.viewer_named(f"{who}@salient.example")
    return json.loads(formats.known("json").write(paper(house, viewer, report)).content)


def test_otto_makes_no_report(house: House) -> None:
    report = kept(house, "erin", Report("Erin’s", (Part("/d/overview/cumulative"),)))
    otto = house.viewer_named("otto@salient.example")
    with pytest.raises(Forbidden):
        make(house, otto, report)
    with pytest.raises(NotFound):
        paper(house, otto, STANDARD["executive"])


@pytest.mark.parametrize("standard", STANDARD)
def test_a_standard_report_is_made_in_its_own_formats_and_read_back(house: House, standard: str) -> None:
    report = kept(house, "erin", standard)
    made = make(house, house.viewer_named("erin@salient.example"), report)
    assert (made.state, made.error) == ("done", "")
    assert {file.name.rpartition(".")[2] for file in made.files} == set(STANDARD[standard].formats)
    assert made.rows
    assert made.days
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(opened(house, "erin", made, ".pdf"))).pages)
    assert STANDARD[standard].name in text
    if "xlsx" in STANDARD[standard].formats:
        book = openpyxl.load_workbook(io.BytesIO(opened(house, "erin", made, ".xlsx")))
        assert len(book.sheetnames) == 1 + len(STANDARD[standard].parts)


def test_revenue_is_told_as_invoiced_and_as_paid(house: House) -> None:
    panels = told(house, "erin", STANDARD["revenue"])["panels"]
    invoiced, paid = panels[0], panels[1]
    assert "invoiced" in invoiced["title"]
    assert "paid" in paid["title"]
    assert invoiced["rows"] != paid["rows"]


def test_everybodys_report_holds_the_own_rows_and_leaves_out_what_is_not_theirs(house: House) -> None:
    erins, sams = told(house, "erin", STANDARD["executive"]), told(house, "sam", STANDARD["executive"])
    assert len(erins["panels"]) == len(STANDARD["executive"].parts)
    hidden = {each["id"] for each in erins["panels"]} - {each["id"] for each in sams["panels"]}
    assert hidden == {"margin-rate"}
    assert "1 part is not for you." in json.dumps(sams)
    assert "not for you" not in json.dumps(erins)
    assert "opportunities" in json.dumps(erins), "it says what it waits for"


def test_a_part_is_drawn_as_a_table_of_the_columns_that_were_chosen(house: House) -> None:
    whole = told(house, "erin", Report("R", (Part("/d/team/figures"),)))["panels"][0]
    metrics = [each["metric"] for each in whole["columns"] if each["metric"]]
    few = told(house, "erin", Report("R", (Part("/d/team/figures", "table", (metrics[1],)),)))["panels"][0]
    assert {each["metric"] for each in few["columns"] if each["metric"]} == {metrics[1]}
    assert len(few["columns"]) < len(whole["columns"])
    assert len(few["rows"]) == len(whole["rows"])


def test_what_was_made_is_reopened_to_the_byte_after_the_report_was_changed(house: House) -> None:
    erin = house.viewer_named("erin@salient.example")
    mine = Report("Weekly", (Part("/d/overview/cumulative"),), formats=("json",))
    report = kept(house, "erin", mine)
    made = make(house, erin, report)
    before = opened(house, "erin", made, ".json")
    with house.database.write() as session:
        changed = Report("Weekly", (Part("/d/regions/ranked"),), formats=("csv",))
        reports.change(session, erin, report, house.dashboards, version=1, report=changed)
    assert opened(house, "erin", made, ".json") == before
    again = make(house, erin, report)
    assert [(each.version, each.files[0].name) for each in (made, again)] == [(1, "weekly.json"), (2, "weekly.csv")]


def test_a_report_that_cannot_be_made_says_so_in_its_instance(house: House) -> None:
    gone = Report("Gone", (Part("/d/overview/margin-rate"),), formats=("csv",))
    report = kept(house, "erin", gone)
    with house.database.write() as session:
        everyone = reports.Access("everyone")
        reports.change(
            session, house.viewer_named("erin@salient.example"), report, house.dashboards, version=1, access=everyone
        )
    sam = house.viewer_named("sam@salient.example")
    with pytest.raises(NotFound, match="Nothing of this report is yours"):
        make(house, sam, report)
    with house.database.read() as session:
        (left,) = instances.listed(session, sam, report)
    assert (left.state, left.error) == ("failed", "Nothing of this report is yours to see.")


def test_one_person_does_not_have_reports_made_without_end(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    report = kept(house, "remy", Report("Remy’s", (Part("/d/overview/net-sales"),), formats=("csv",)))
    remy = house.viewer_named("remy@salient.example")
    with house.database.write() as session:
        begun = [instances.begin(session, remy, report) for _ in range(instances.MOST_AT_ONCE)]
    with pytest.raises(TooBig):
        make(house, remy, report)
    with house.database.write() as session:
        for each in begun:
            instances.fail(session, remy, each, "Stopped.")
    make(house, remy, report)
    monkeypatch.setattr(instances, "MOST_A_DAY", 3)
    with pytest.raises(TooBig):
        make(house, remy, report)


def test_a_report_that_comes_while_much_is_drawn_is_made_in_the_background(house: House) -> None:
    report = kept(house, "dirk", Report("Dirk’s", (Part("/d/overview/net-sales"),), formats=("csv",)))
    server, viewer = create_app(house), house.viewer_named("dirk@salient.example")
    dirk = Browser(server)
    assert dirk.sign_in("dirk@salient.example", PASSWORD).status_code == 302
    with ExitStack() as busy:
        for _ in range(DRAWN_AT_ONCE):
            busy.enter_context(drawing())
        asked = dirk.client.post(f"/reports/{report}", data={**dirk.hidden(f"/reports/{report}"), "do": "make"})
        assert (asked.status_code, asked.headers["Location"]) == (302, f"/reports/{report}?done=later")
    assert "Being made" in dirk.client.get(f"/reports/{report}").text
    assert make_waiting(house) == 1
    assert make_waiting(house) == 0
    with house.database.read() as session:
        (made,) = instances.listed(session, viewer, report)
    assert (made.state, len(made.files)) == ("done", 1)


def test_a_report_that_was_put_off_and_taken_away_says_so(house: House) -> None:
    report = kept(house, "fay", Report("Fay’s", (Part("/d/overview/net-sales"),), formats=("csv",)))
    fay = house.viewer_named("fay@salient.example")
    make_later(house, fay, report)
    with house.database.write() as session:
        reports.remove(session, fay, report)
    assert make_waiting(house) == 1
    with house.database.write() as session:
        reports.restore(session, fay, report)
        (made,) = instances.listed(session, fay, report)
    assert made.state == "failed"
    assert made.error
