"""Three sentences that matter: which ones is settled by rules, so that the same answers always say the same."""

from __future__ import annotations

from datetime import date

import pytest

from layouts.answered import AnsweredPanel
from layouts.dashboard import answer
from layouts.dashboards import dashboards
from layouts.sentences import MOST, sentences
from tests.layouts.company import Company, answered, of_somebody, view, viewer


def panels(dashboard: str, company: Company | None = None, address: str = "", **who: str) -> list[AnsweredPanel]:
    """A dashboard as Erin sees it."""
    found = next(each for each in dashboards() if each.id == dashboard)
    at = view(address) if address else of_somebody(found)
    return list(answer(found, at, viewer(locale=who.get("locale", "en")), company or Company()))


def test_the_overview_says_target_status_largest_variance_and_largest_mover() -> None:
    assert sentences(panels("overview")) == (
        "Net sales are €26.2M on day 52 of 92, 6.7% behind plan and 7.3% above last year.",
        "Iberia is €495K behind.",
        "DACH moved most: +€1.11M against last year.",
    )


def test_whoever_is_the_largest_variance_is_not_the_largest_mover_too() -> None:
    told = sentences([answered("net-sales"), answered("moved-places"), answered("variance")])
    assert told[1] == "Iberia is €495K behind."
    assert "Iberia" not in told[2]
    alone = sentences([answered("moved-places")])
    assert alone == ("DACH moved most: +€1.11M against last year.",)


def test_places_are_told_as_a_whole_and_then_by_who_stands_out() -> None:
    assert sentences(panels("regions"))[:2] == (
        "Net sales are €27.4M, 2.1% behind plan.",
        "Iberia is €495K behind; DACH is €527K ahead.",
    )
    assert "beträgt 27,4\N{NO-BREAK SPACE}Mio.\N{NO-BREAK SPACE}€, 2,1" in sentences(panels("regions", locale="de"))[0]


def test_a_rep_without_a_plan_is_told_of_the_quota() -> None:
    assert sentences(panels("me"))[1] == "Quota attained: 117.4%, on track."


def test_a_single_panel_says_its_finding() -> None:
    assert sentences([answered("top-customers")]) == (
        "Aldergate Group leads with 18% of the total, the first three make 37%.",
    )


def test_nothing_sold_or_nothing_there_is_said_once() -> None:
    (told,) = sentences(panels("overview", Company(newest=date(2024, 3, 5)), "/d/overview?period=2026-Q4"))
    assert told.startswith("Nothing has been sold in Q4 2026")
    nothing = sentences(panels("overview", Company(empty=True)))
    assert len(nothing) == 1
    assert sentences([]) == ()


@pytest.mark.parametrize("locale", ["en", "de", "fr"])
@pytest.mark.parametrize("dashboard", [each.id for each in dashboards()])
def test_every_dashboard_has_at_most_three_and_no_sentence_twice(dashboard: str, locale: str) -> None:
    for company in (Company(), Company(empty=True), Company(no_plan=True)):
        told = sentences(panels(dashboard, company, locale=locale))
        assert len(set(told)) == len(told) <= MOST
        assert all(each.strip() == each != "" for each in told)
    if dashboard != "customer":
        assert told
