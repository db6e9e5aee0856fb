"""Every dashboard, for everybody, light and dark, in each language and width: nothing on it that must not be there."""

from __future__ import annotations

from itertools import combinations

import pytest
from playwright.sync_api import Page

from app.assembly import House
from queries.warehouse.demo.personas import PERSONAS
from tests.browser.cases import CAST, DIMENSIONS, WIDTHS, pages, rounds
from tests.browser.clean import slips, words_of_the_data
from tests.browser.visitor import Visits, violations
from tests.conftest import SOAK, Tally
from tests.pairwise import Case, pairwise

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def known(house: House) -> frozenset[str]:
    """The words that are the company's own, which no catalogue holds."""
    return words_of_the_data(house, [person.name for person in PERSONAS])


def lasting(page: Page, locale: str, known: frozenset[str]) -> list[str]:
    """What must not be there and stays: a figure that is just being drawn narrower is looked at again."""
    found = slips(page, locale, known)
    if found:
        page.wait_for_timeout(1000)
        found = slips(page, locale, known)
    return found


def colours_shown() -> dict[str, list[Case]]:
    """By who sees them, the cases that are the first of a dashboard or a width in light or dark: all others look so."""
    first = {(case[name], case["theme"]): case for case in reversed(pages()) for name in ("dashboard", "width")}
    return {who: [case for case in pages() if case["who"] == who and (SOAK or case in first.values())] for who in CAST}


PARTS = [(who, locale) for who in CAST for locale in (DIMENSIONS["locale"] if SOAK else ["any"])]
"""A soak has a test of its own for each language: it says soon what it found, and what it found outlives a stop."""


@pytest.mark.parametrize(("who", "spoken"), PARTS)
def test_whoever_looks_sees_whole_words_of_the_own_language(
    visit: Visits, known: frozenset[str], count: Tally, who: str, spoken: str
) -> None:
    visitor, found, coloured = visit(who), list[str](), colours_shown()[who]
    for (_, locale), own in rounds(
        [case for case in pages() if case["who"] == who and spoken in ("any", case["locale"])]
    ):
        for case in own:
            page = visitor.at(
                f"/d/{case['dashboard']}", theme=case["theme"], width=WIDTHS[case["width"]], locale=locale
            )
            objected = violations(page, contrast=case in coloured)
            told = [*lasting(page, locale, known), *objected, *visitor.complained()]
            found += [f"{' '.join(case.values())}: {each}" for each in told]
            count("pages swept")
    assert not found, "\n".join(found)


def test_any_two_values_meet_on_some_page() -> None:
    cases = pairwise(DIMENSIONS)
    for one, other in combinations(DIMENSIONS, 2):
        wanted = {(x, y) for x in DIMENSIONS[one] for y in DIMENSIONS[other]}
        assert {(case[one], case[other]) for case in cases} == wanted
    assert len(cases) < 80
    coloured = [case for own in colours_shown().values() for case in own]
    for name in ("dashboard", "width"):
        wanted = {(x, theme) for x in DIMENSIONS[name] for theme in DIMENSIONS["theme"]}
        assert {(case[name], case["theme"]) for case in coloured} == wanted


def test_weeks_whose_figures_have_no_room_on_a_tablet_are_left_out_the_oldest_first(
    visit: Visits, known: frozenset[str]
) -> None:
    visitor, drawn = visit("erin"), "[data-panel=weeks] .xaxislayer-above .xtick text"
    whole = visitor.at("/d/regions", width=1440).locator(drawn).all_text_contents()
    page = visitor.at("/d/regions", width=768)
    some = page.locator(drawn).all_text_contents()
    assert 5 < len(some) < len(whole)
    assert some == whole[-len(some) :]
    assert lasting(page, "en", known) == []


SLIPS = {
    "en": {
        '"Sales are nan." shows a figure that is none': "write('.finding', 0, 'Sales are nan.')",
        '"None" shows a figure that is none': "write('.unit', 0, 'None')",
        '"by rollup_month" shows a name of the inside': "write('.unit', 1, 'by rollup_month')",
        '"region:dach" shows a name of the inside': "write('.unit', 2, 'region:dach')",
        "shows a number of the inside": "write('.unit', 3, '8c9e6679-7425-40de-944b-e07fc1f90ae7')",
        "shows two full stops": "write('.finding', 1, 'It rose in Oct..')",
        "shows a sentence without its part": "write('.finding', 2, 'It rose in {month}.')",
        "px beyond": "all('.panel h2')[3].style.cssText = 'white-space: nowrap; overflow: hidden; width: 9px'",
        "sticks out of its box": "all('.finding')[3].style.cssText = 'white-space: nowrap; width: 9px'",
        "wider than the window": "all('.panel')[5].style.width = '3000px'",
        "px outside its figure": "all('.js-plotly-plot .xtick text')[0].setAttribute('transform', 'translate(4000,0)')",
        "lie upon each other": "join(all('[data-panel=seasons] .xtick text'))",
        "could not be answered": "all('.answer')[0].dataset.outcome = 'error'",
    },
    "de": {
        '"Net sales" is English': "write('.unit', 0, 'Net sales')",
        'leads with {share} of the total."': "write('.finding', 0, 'Enterprise leads with 3% of the total.')",
    },
    "en-XA": {
        '"Unheard of" stands outside of the catalogues': "write('.unit', 0, 'Unheard of')",
        '"Never heard" is in no catalogue': "write('.finding', 0, '⟦Never heard⟧')",
    },
}
"""What is done to a page that is in order, by what must be said of it then."""

WHERE = {"en": "/d/sales?period=last-quarter"}
"""Most kinds need a whole dashboard; words need a panel."""

SLIP = """slip => {
    const all = selector => [...document.querySelectorAll(`main ${selector}`)];
    const write = (selector, at, text) => { all(selector)[at].textContent = text; };
    const join = ([one, other]) => {
        for (const name of ["x", "transform"]) { other.setAttribute(name, one.getAttribute(name)); }
    };
    new Function("all", "write", "join", slip)(all, write, join);
}"""


@pytest.mark.parametrize("locale", SLIPS)
def test_each_kind_of_slip_is_noticed(visit: Visits, known: frozenset[str], locale: str) -> None:
    page = visit("erin").at(WHERE.get(locale, "/d/sales/by-month"), locale=locale)
    assert slips(page, locale, known) == []
    for slip in SLIPS[locale].values():
        page.evaluate(SLIP, slip)
    page.wait_for_timeout(100)
    found = slips(page, locale, known)
    assert [told for told in SLIPS[locale] if not any(told in each for each in found)] == [], found


def test_what_the_console_says_is_noticed(visit: Visits) -> None:
    visitor = visit("erin")
    page = visitor.at("/d/sales/by-month")
    assert visitor.complained() == []
    assert violations(page) == []
    page.evaluate("() => console.error('seeded')")
    assert visitor.complained() == ["seeded"]
