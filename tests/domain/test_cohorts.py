"""Maya sees whether those who came in spring come back more than those who came in winter."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.cohorts import cohorts
from app.domain.flow import Buyer
from app.values.errors import Invalid
from app.values.money import divide
from tests.domain.test_flow import bought, buyers

CUSTOMERS = [bought("ada", 1, 2, 3), bought("ben", 1, 3), bought("cal", 2), bought("old", 1, 2, first=0)]


def test_a_cohort_is_all_of_itself_first_and_then_those_who_come_back() -> None:
    found = cohorts(CUSTOMERS, range(1, 4))
    assert [(each.period, each.size) for each in found.cohorts] == [(1, 2), (2, 1)]
    assert [[cell.active for cell in each.cells] for each in found.cohorts] == [[2, 1, 2], [1, 0]]
    assert [cell.share for cell in found.cohorts[0].cells] == [1, divide(1, 2)[0], 1]


def test_the_average_is_a_ratio_of_sums() -> None:
    assert cohorts(CUSTOMERS, range(1, 4)).average == (1, divide(1, 3)[0], 1)


def test_a_month_that_is_not_over_is_marked_and_kept_out_of_the_average() -> None:
    found = cohorts(CUSTOMERS, range(1, 4), running=True)
    assert [[cell.partial for cell in each.cells] for each in found.cohorts] == [[False, False, True], [False, True]]
    assert found.average == (1, divide(1, 2)[0], None)


def test_without_customers_there_are_no_cohorts() -> None:
    assert cohorts([], range(1, 4)).cohorts == ()
    assert cohorts([bought("none")], range(1, 3)).average == (None, None)
    assert cohorts(CUSTOMERS, range(3, 3)).average == ()
    with pytest.raises(Invalid):
        cohorts([], range(1, 9, 2))


@given(buyers, st.integers(0, 6), st.integers(1, 9), st.booleans(), st.randoms(use_true_random=False))
def test_every_newcomer_is_in_one_cohort_and_no_more_come_back_than_came(
    known: list[Buyer], start: int, length: int, running: bool, chance: object
) -> None:
    periods = range(start, start + length)
    found = cohorts(known, periods, running)
    first = [min(each.bought | ({each.first} if each.first is not None else set()), default=-99) for each in known]
    assert sum(each.size for each in found.cohorts) == sum(period in periods for period in first)
    for each in found.cohorts:
        assert each.cells[0].active == each.size
        assert all(0 <= cell.active <= each.size for cell in each.cells)
    shuffled = list(known)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert cohorts(shuffled, periods, running) == found
