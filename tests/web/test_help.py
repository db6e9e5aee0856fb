"""The help: everybody who is signed in may read it; it defines every figure, is searched, and tells no sales."""

from __future__ import annotations

import itertools
import re

import pytest

from app.config import described
from app.values.words import LANGUAGES
from layouts import help as texts
from queries.catalogue import catalogue
from tests.web.conftest import SmallHouse

WRITTEN = ("start", "charts", "gestures", "periods", "paper", "doors", "roles")


def test_otto_reads_the_help_and_sees_no_company_data(small: SmallHouse) -> None:
    otto = small.signed_in("otto")
    for each in texts.pages("en"):
        answer = otto.get(f"/help/{each.id}")
        assert answer.status_code == 200
        assert each.title in answer.text
    assert small.asked == []


def test_a_stranger_reads_nothing(small: SmallHouse) -> None:
    for path in ("/help", "/help/glossary", "/help?q=sales"):
        assert small.browser().get(path).headers["Location"].startswith("/login?next=/help")


def test_a_page_that_there_is_not_is_not_found(small: SmallHouse) -> None:
    erin = small.signed_in("erin")
    for name in ("nothing", "..", "en", "glossary.py", "start.md"):
        assert erin.get(f"/help/{name}").status_code == 404


def test_the_glossary_defines_every_figure_and_dimension_that_can_be_asked_for() -> None:
    page = texts.page("glossary", "en")
    known = catalogue()
    for metric in known.metrics.values():
        told = next((section for section in page.sections if f"· {metric.id}" in section.text), None)
        assert (told is not None) == metric.listed, metric.id
        if told is not None:
            assert told.title == metric.title
            assert metric.definition in told.text
            assert re.search(r"Formula: \S", told.text)
            assert re.search(r"Unit: \S", told.text)
    titles = {section.title for section in page.sections}
    assert {level.title for level in known.levels.values() if level.listed} <= titles


def test_a_formula_names_the_figures_it_is_made_of() -> None:
    told = {section.title: section.text for section in texts.page("glossary", "en").sections}
    assert "Formula: Net sales ÷ Orders" in told["Average order value"]
    assert "Formula: Σ costed_net − Σ cost" in told["Gross margin"]
    assert "Formula: Net sales − Budget" in told["Variance to budget"]


def test_every_setting_is_told_with_its_meaning() -> None:
    (section,) = texts.page("settings", "en").sections
    for name, meaning, _ in described():
        assert name in section.text
        assert meaning.replace("`", "") in section.text


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_page_is_written_in_each_language_with_the_same_headings_and_tables(language: str) -> None:
    for name in WRITTEN:
        own, english = texts.page(name, language), texts.page(name, "en")
        assert len(own.sections) == len(english.sections)
        shape = r"<(h[1-6]|tr|li)\b"
        assert re.findall(shape, own.html) == re.findall(shape, english.html), name
        assert re.findall(r"<code>.*?</code>", own.html) == re.findall(r"<code>.*?</code>", english.html), name
        if language != "en":
            shared = {section.text for section in own.sections} & {section.text for section in english.sections}
            assert shared <= {""}


def test_a_reader_finds_a_definition_by_the_beginning_of_its_words() -> None:
    assert texts.search("net sal", "en")[0].title == "Net sales"
    assert {hit.page for hit in texts.search("fiscal", "en")} >= {"periods", "glossary", "settings"}
    assert texts.search("xylophone", "en") == ()
    assert texts.search("  ", "en") == ()


def test_what_is_searched_needs_no_accents_and_no_capitals() -> None:
    assert [hit.page for hit in texts.search("periode", "fr")] == [hit.page for hit in texts.search("Période", "fr")]
    assert texts.search("periode", "fr")


def test_a_search_says_what_was_asked_and_leads_to_the_place(small: SmallHouse) -> None:
    erin = small.signed_in("erin")
    text = erin.get("/help?q=return+rate").text
    link = re.search(r'href="/help/glossary#([\w-]+)">Return rate<', text)
    assert link is not None
    assert f'<h3 id="{link[1]}">Return rate</h3>' in erin.get("/help/glossary").text


def test_what_is_searched_is_only_text(small: SmallHouse) -> None:
    text = small.signed_in("erin").get("/help?q=%3Cscript%3Ealert(1)%3C/script%3E").text
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert(1)" in text


def test_a_long_search_is_cut_not_refused(small: SmallHouse) -> None:
    assert small.signed_in("erin").get("/help?q=" + "sales+" * 500).status_code == 200


def test_angle_brackets_in_a_text_are_shown_and_not_obeyed() -> None:
    for each in texts.pages("en"):
        assert not re.search(r"<(script|img|iframe|style)\b", each.html)


def test_headings_have_places_of_their_own() -> None:
    for language in LANGUAGES:
        for each in texts.pages(language):
            anchors = re.findall(r'<h[1-6] id="([^"]+)"', each.html)
            assert len(anchors) == len(set(anchors)) == len(each.sections), each.id
            levels = [int(level) for level in re.findall(r"<h([1-6])", each.html)]
            assert levels[0] == 1
            assert all(after - before <= 1 for before, after in itertools.pairwise(levels)), each.id
