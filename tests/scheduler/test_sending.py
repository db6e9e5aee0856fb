"""What is sent by schedule: to each recipient once, each with their own rows."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from dataclasses import replace
from email.message import EmailMessage

import pytest
from pptx import Presentation
from sqlalchemy import select

from app.models.schedule import Run
from app.previewing import preview
from app.services import accounts, instances, reports, schedules
from app.values.errors import NotFound
from app.values.report import Part, Report
from scheduler.desk import Maker
from scheduler.job import Job, Made
from tests.layouts.papers import opened
from tests.scheduler.office import OVERVIEW, Office


def test_everybody_gets_their_own_rows_once(office_anywhere: Office) -> None:
    office = office_anywhere
    office.schedule("erin", "tess", "sam")
    assert office.tick() == 0
    office.tick(hours=1)
    assert {name: state for name, (state, _) in office.deliveries().items()} == {
        "erin@salient.example": "sent",
        "tess@salient.example": "sent",
        "sam@salient.example": "sent",
    }, (office.deliveries(), office.runs())
    assert office.runs() == [("done", "")]
    assert {len(each) for each in office.got().values()} == {1}
    assert len({office.file(name) for name in ("erin", "tess", "sam")}) == 3
    office.tick(minutes=5)
    assert len(office.box.taken) == 3


def test_whatever_the_role_there_is_something_to_send(office: Office) -> None:
    cast = ("ada", "erin", "dirk", "remy", "tess", "sam", "amy", "fay", "mia")
    office.schedule(*cast)
    office.tick(hours=1)
    assert set(office.deliveries().values()) == {("sent", "")}
    assert len(office.got()) == len(cast)
    told = {str(each["To"].addresses[0].addr_spec): each.get_body(("plain",)) for each in office.box.messages}
    assert "Account owner: " in told["amy@salient.example"].get_content()


def test_otto_is_told_nothing(office: Office) -> None:
    office.schedule("otto", "erin")
    office.tick(hours=1)
    assert office.deliveries()["otto@salient.example"] == ("skipped", "There is nothing this recipient may see now.")
    assert list(office.got()) == ["erin@salient.example"]


def test_tess_who_lost_her_role_between_scheduling_and_sending_gets_nothing(office: Office) -> None:
    office.schedule("tess", "erin")
    with office.house.database.write() as session:
        accounts.change_rights(session, "cli", "tess@salient.example", role="none")
    office.tick(hours=1)
    assert office.deliveries()["tess@salient.example"][0] == "skipped"
    assert list(office.got()) == ["erin@salient.example"]


def test_a_mail_says_what_matters_to_whom_and_how_to_end_it(office: Office) -> None:
    office.schedule("erin", views=("/d/overview?period=this-year",))
    office.tick(hours=1)
    (message,) = office.box.messages
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    assert text is not None
    assert html is not None
    assert "Hello Erin Castellane," in text.get_content()
    assert "it shows: All sales" in text.get_content()
    assert message["Subject"] == "How we stand"
    assert "/unsubscribe/" in str(message["List-Unsubscribe"])
    pictures = [part for part in message.walk() if part.get_content_maintype() == "image"]
    assert [part.get_content_type() for part in pictures] == ["image/png"] * 3


def test_thirty_people_with_four_scopes_cost_four_documents(office: Office) -> None:
    scopes: list[dict[str, object]] = [
        {"role": "executive"},
        {"role": "regional-lead", "place_keys": ["country:spain"]},
        {"role": "regional-lead", "place_keys": ["country:italy"]},
        {"role": "rep", "rep_key": "R002"},
    ]
    people = []
    with office.house.database.write() as session:
        for number in range(30):
            given = scopes[number % 4]
            email = f"reader{number}@salient.example"
            user = accounts.add_user(session, "cli", email=email, name=f"Reader {number}", **given)  # type: ignore[arg-type]
            people.append(f"person:{user.id}")
    counted = Counting(office.desk.maker)
    office.desk = replace(office.desk, maker=counted)
    office.schedule(recipients=tuple(people))
    office.tick(hours=1)
    assert len(office.got()) == 30
    assert counted.jobs == 4
    with office.house.database.read() as session:
        assert session.scalars(select(Run.audiences)).one() == 4
    files = {office.file(f"reader{number}") for number in range(30)}
    assert len(files) == 4


class Counting:
    """A maker that counts what it is asked for."""

    def __init__(self, maker: Maker) -> None:
        self.maker, self.jobs = maker, 0

    def make(self, jobs: Iterable[Job]) -> Iterator[tuple[Job, Made]]:
        for each in self.maker.make(jobs):
            self.jobs += 1
            yield each

    def close(self) -> None:
        self.maker.close()


def test_a_report_goes_out_as_one_paper_under_each_readers_rights(office: Office) -> None:
    parts = (Part("/d/overview/net-sales"), Part("/d/overview/margin-rate"), Part("/d/regions"))
    report = Report("Monday paper", parts, selection="period=2025")
    with office.house.database.write() as session:
        kept = reports.save(session, office.viewer("erin"), report, office.house.dashboards, now=office.clock())
    schedule = office.schedule("erin", "sam", views=(f"report:{kept.id}",))
    office.tick(hours=1)
    assert set(office.deliveries().values()) == {("sent", "")}
    assert office.file("erin") != office.file("sam")
    with office.house.database.write() as session:
        reports.remove(session, office.viewer("erin"), kept.id, now=office.clock())
        assert schedules.find(session, office.viewer("erin"), schedule).pause_reason
    office.tick(days=1)
    assert {len(each) for each in office.got().values()} == {1}
    with pytest.raises(NotFound, match="deleted"):
        office.schedule("erin", views=(f"report:{kept.id}",))


def test_what_was_sent_of_a_report_can_be_reopened_as_it_was_by_its_reader_alone(office: Office) -> None:
    report = Report("Monday paper", (Part("/d/overview/net-sales"), Part("/d/regions")), selection="period=2025")
    with office.house.database.write() as session:
        erin = office.viewer("erin")
        everyone = reports.Access("everyone")
        kept = reports.save(session, erin, report, office.house.dashboards, everyone, now=office.clock())
    office.schedule("erin", "sam", views=(f"report:{kept.id}",))
    office.tick(hours=1)
    sam, home = office.viewer("sam"), office.settings.home.resolve()
    with office.house.database.write() as session:
        (mine,) = instances.listed(session, sam, kept.id)
        assert (mine.state, mine.distribution, mine.reader) == ("done", "sent", int(sam.id))
        (file,) = mine.files
        again = instances.open_file(session, sam, home, mine.id, file.name)
        assert again.content.decode() == office.file("sam")
        with pytest.raises(NotFound):
            instances.open_file(session, erin, home, mine.id, file.name)
        assert len(instances.listed(session, erin, kept.id)) == 2


def test_a_lead_who_sells_is_told_the_own_figures_beside_those_of_the_team(office: Office) -> None:
    office.schedule("tess", "erin", "sam")
    office.tick(hours=1)
    told = {str(each["To"].addresses[0].addr_spec): each.get_body(("plain",)) for each in office.box.messages}
    assert "YOUR OWN FIGURES" in told["tess@salient.example"].get_content()
    assert "YOUR OWN FIGURES" not in told["erin@salient.example"].get_content()
    assert "YOUR OWN FIGURES" not in told["sam@salient.example"].get_content()


def test_several_views_go_out_as_one_pdf_with_a_section_each_and_one_deck(office: Office) -> None:
    views = (OVERVIEW, "/d/regions?period=2025", "/d/overview/net-sales?period=2024")
    office.schedule("sam", views=views, formats=("pdf", "pptx", "csv"), as_one=True)
    office.schedule("erin", views=views[:1], formats=("pdf",), as_one=True)
    office.tick(hours=1)
    assert set(office.deliveries().values()) == {("sent", "")}
    files = {str(each["To"].addresses[0].addr_spec): dict(_files(each)) for each in office.box.messages}
    sams = files["sam@salient.example"]
    assert sorted(sams) == ["how-we-stand.pdf", "how-we-stand.pptx", *sorted(name for name in sams if "csv" in name)]
    assert len(sams) == 5
    assert len(files["erin@salient.example"]) == 1
    sections = [each.title for each in opened(sams["how-we-stand.pdf"]).outline if not isinstance(each, list)]
    assert len(sections) == 4
    assert sections[0] == "How we stand"
    deck = Presentation(io.BytesIO(sams["how-we-stand.pptx"]))
    assert deck.core_properties.title == "How we stand"
    titles = [slide.shapes.title.text_frame.text for slide in deck.slides]
    assert [title for title in titles if title in sections] == sections[1:]


def test_what_goes_out_as_one_is_looked_at_as_one(office: Office) -> None:
    views = (OVERVIEW, "/d/overview/net-sales?period=2024")
    schedule = office.schedule("sam", views=views, formats=("pdf",), as_one=True)
    erin, sam = office.viewer("erin"), office.person("sam")
    seen = preview(office.house, erin, schedule, sam, "pdf", office.clock())
    assert len([each for each in opened(seen.content).outline if not isinstance(each, list)]) == 3
    assert seen.name == "how-we-stand.pdf"
    assert preview(office.house, erin, schedule, sam, "csv", office.clock()).name != "how-we-stand.csv"


def _files(message: EmailMessage) -> Iterator[tuple[str, bytes]]:
    for part in message.iter_attachments():
        content = part.get_payload(decode=True)
        assert isinstance(content, bytes)
        yield str(part.get_filename()), content
