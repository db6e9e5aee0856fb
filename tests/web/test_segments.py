"""Ada changes which customers make which segment on a page that everybody with dashboards may read."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from app.auth.policy import viewer_for
from app.services import accounts, segmentations
from app.values.segmentation import AS_SHIPPED, Segmentation
from app.web.segments import HERE, filled_in
from tests.web.conftest import SmallHouse


def counts(small: SmallHouse) -> Segmentation:
    with small.database.glance() as reader:
        return segmentations.current(reader)


def form(**changed: str) -> dict[str, str]:
    return {"do": "save", **filled_in(AS_SHIPPED), **changed}


def test_ada_saves_thresholds_and_lets_the_shipped_ones_count_again(small: SmallHouse) -> None:
    ada = small.signed_in("ada")
    days = {f"recency_{at}": str(each) for at, each in enumerate((30, 60, 90, 180))}
    saved = ada.submit(HERE, **form(**days))
    assert saved.headers["Location"] == f"{HERE}?done=1"
    assert (counts(small).version, counts(small).recency) == (1, (30, 60, 90, 180))
    page = ada.get(f"{HERE}?done=1").text
    assert "Version 1 of" in page
    assert "Ada Lind" in page
    assert 'value="180"' in page
    ada.submit(HERE, do="restore", version="0", on="1")
    assert (counts(small).version, counts(small).recency) == (2, ())
    assert "version 0 again" in ada.get(HERE).text


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"loyal_recency_from": "6"}, "Loyal: scores go from the smaller to the larger"),
        ({"hibernating_both_to": "1"}, "No segment is named for recency 2 with frequency and money 2"),
        ({"champions_recency_from": "1", "champions_both_from": "1"}, "the segments above take all of its customers"),
        ({"recency_0": "30", "recency_1": "20", "recency_2": "40", "recency_3": "50"}, "larger than the one before"),
        ({"money_0": "100"}, "give four breaks"),
        ({"money_0": "1e999999"}, "1e999999 is not a number"),
        ({"frequency_0": "1.5"}, "1.5 is not a number"),
        ({"loyal_place": "1"}, "Two segments have the place 1"),
        ({"loyal_both_to": ""}, "Loyal: fill in the whole row"),
    ],
)
def test_what_cannot_be_is_said_and_what_was_typed_stays(small: SmallHouse, changed: dict[str, str], why: str) -> None:
    answer = small.signed_in("ada").submit(HERE, **form(**changed))
    assert answer.status_code == 400
    assert why in answer.text
    for field, typed in changed.items():
        assert f'name="{field}"' in answer.text
        assert f'value="{typed}"' in answer.text
    assert counts(small) == AS_SHIPPED


def test_whoever_was_slower_keeps_what_was_typed(small: SmallHouse) -> None:
    quick, slow = small.signed_in("ada"), small.signed_in("ada")
    fields = form(recency_0="1", recency_1="2", recency_2="3", recency_3="44")
    opened = {"on": "0", **fields}
    quick.submit(HERE, **form(frequency_0="1", frequency_1="2", frequency_2="3", frequency_3="4"))
    answer = slow.submit(HERE, **opened)
    assert answer.status_code == 409
    assert "changed meanwhile" in answer.text
    assert 'value="44"' in answer.text
    assert counts(small).recency == ()


@pytest.mark.parametrize("who", ["erin", "remy", "sam"])
def test_others_read_it_and_change_nothing(small: SmallHouse, who: str) -> None:
    browser = small.signed_in(who)
    page = browser.get(HERE)
    assert page.status_code == 200
    assert "Administrators change this" in page.text
    assert browser.submit(HERE, **form(loyal_place="9", on="0")).status_code == 403
    assert counts(small) == AS_SHIPPED


def test_otto_does_not_even_read_it(small: SmallHouse) -> None:
    assert small.signed_in("otto").get(HERE).status_code == 403


def test_amounts_stay_in_the_currency_they_were_given_in(small: SmallHouse) -> None:
    kept = replace(AS_SHIPPED, money=(Decimal(1), Decimal(2), Decimal(3), Decimal(4)), currency="JPY")
    ada = small.signed_in("ada")
    with small.database.write() as session:
        person = accounts.find_person(session, "ada@salient.example")
        segmentations.change(session, viewer_for(person, small.front.trees(), small.front.terms()), kept, on=0)
    ada.submit(HERE, do="save", on="1", **{**filled_in(kept), "money_3": "5"})
    assert (counts(small).money[-1], counts(small).currency) == (Decimal(5), "JPY")
