"""Nora looks for the season: what each month is to its year, and whether there is one at all."""

from __future__ import annotations

import math
from decimal import Decimal
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.figures import total
from app.domain.seasonality import Month, autocorrelated, month_weights, seasonality
from app.values.errors import Invalid
from tests.domain.strategies import amounts

SEASON = [Decimal(each) for each in ("0.7", "0.8", "1.1", "1", "1", "0.9", "0.6", "0.7", "1.2", "1.3", "1.4", "1.3")]

STATSMODELS = (
    0.67200642, 0.79273039, 1.06105313, 1.00530989, 1.00720606, 0.86436765,
    0.61141469, 0.69627407, 1.23641539, 1.31011457, 1.40976263, 1.3333451,
)  # fmt: skip
"""What `seasonal_decompose` of statsmodels 0.15 makes of the noisy company below."""


def company(years: int, first: Month = (2022, 1), level: int = 1000) -> dict[Month, Decimal]:
    months = [(first[0] + (first[1] - 1 + at) // 12, (first[1] - 1 + at) % 12 + 1) for at in range(years * 12)]
    return {(year, month): level * SEASON[month - 1] for year, month in months}


def test_a_season_that_repeats_exactly_is_found_exactly() -> None:
    found = seasonality(company(3))
    assert [round(index, 12) for index in found.indexes] == SEASON
    assert (found.kind, found.months, found.seasonal, found.status) == ("multiplicative", 36, True, "ok")
    assert round(found.strength or Decimal(0), 12) == 1


def test_the_indexes_are_those_of_the_classical_decomposition() -> None:
    chance = Random(7)
    series = {
        month: Decimal(round(float(amount) * (1 + 0.01 * at) * chance.uniform(0.9, 1.1), 2)).quantize(Decimal("0.01"))
        for at, (month, amount) in enumerate(company(4, first=(2022, 4)).items())
    }
    found = seasonality(series)
    assert [float(index) for index in found.indexes] == pytest.approx(STATSMODELS, abs=1e-6)


def test_months_with_returns_alone_are_told_as_differences() -> None:
    series = company(3)
    series[2023, 7] = Decimal(-50)
    found = seasonality(series)
    assert found.kind == "additive"
    assert abs(total(found.indexes)) < Decimal("1e-20")
    assert found.indexes[10] > 300 > found.indexes[0]


def test_two_years_show_an_index_and_the_third_tests_it() -> None:
    short, two = company(2), seasonality(company(2))
    short.popitem()
    assert (seasonality(short).indexes, seasonality(short).status) == ((), "not_enough_data")
    assert (len(two.indexes), two.seasonal, two.strength, two.status) == (12, None, None, "low_confidence")


def test_the_current_month_is_shown_and_counts_nowhere() -> None:
    whole = company(3)
    partial = {**whole, (2025, 1): Decimal(3), (2025, 2): Decimal(99)}
    found = seasonality(partial, partial=(2025, 1))
    assert found.indexes == seasonality(whole).indexes
    last = found.rows[-1]
    assert (last[0].amount, last[0].partial, last[0].index, last[1].amount) == (3, True, None, None)


def test_a_product_that_stopped_selling_has_months_of_nothing_until_today() -> None:
    found = seasonality({(2025, 1): Decimal(5), (2025, 2): Decimal(7)}, partial=(2025, 5))
    assert [cell.amount for cell in found.rows[0]] == [5, 7, 0, 0] + [None] * 8
    assert found.months == 4
    only_now = seasonality({(2025, 5): Decimal(5)}, partial=(2025, 5))
    assert (only_now.months, only_now.rows[0][4].amount, only_now.rows[0][4].partial) == (0, 5, True)


def test_the_table_has_twelve_cells_a_year_and_says_nothing_of_months_before_the_first() -> None:
    found = seasonality({(2024, 11): Decimal(5), (2025, 2): Decimal(7)})
    assert [[cell.amount for cell in row] for row in found.rows] == [[None] * 10 + [5, 0], [0, 7] + [None] * 10]
    assert [row[0].year for row in found.rows] == [2024, 2025]


def test_a_cell_is_told_against_the_year_around_it() -> None:
    found = seasonality(company(3))
    cells = [cell for row in found.rows for cell in row]
    assert [cell.index is None for cell in cells] == [True] * 6 + [False] * 24 + [True] * 6
    assert cells[10].index == SEASON[10]


def test_nothing_sold_makes_no_table_and_no_season() -> None:
    found = seasonality({})
    assert (found.rows, found.indexes, found.months, found.status) == ((), (), 0, "not_enough_data")
    flat = seasonality({(2022 + at // 12, at % 12 + 1): Decimal(0) for at in range(36)})
    assert (flat.kind, flat.strength, flat.seasonal, set(flat.indexes)) == ("additive", 0, False, {Decimal(0)})
    with pytest.raises(Invalid):
        seasonality({(2024, 13): Decimal(1)})


def test_chance_is_not_called_a_season() -> None:
    chance = Random(3)
    noise = {(2021 + at // 12, at % 12 + 1): Decimal(chance.randint(900, 1100)) for at in range(60)}
    assert seasonality(noise).seasonal is False
    assert autocorrelated([Decimal(round(100 * math.sin(at * math.pi / 6))) for at in range(48)], 12)
    assert not autocorrelated([Decimal(1)] * 48, 12)


@given(st.dictionaries(st.tuples(st.integers(2020, 2024), st.integers(1, 12)), amounts, max_size=60))
def test_indexes_average_to_one_or_to_zero_and_the_table_holds_every_month(series: dict[Month, Decimal]) -> None:
    found = seasonality(series)
    shown = {(cell.year, cell.month): cell.amount for row in found.rows for cell in row if cell.amount is not None}
    assert total(shown.values()) == total(series.values())
    assert {month: shown[month] for month in series} == series
    if found.indexes:
        whole = 12 if found.kind == "multiplicative" else 0
        assert abs(total(found.indexes) - whole) < Decimal("1e-15")
    assert seasonality(dict(reversed(series.items()))) == found


def test_a_month_weighs_what_it_made_of_the_years_before() -> None:
    series = {**company(2), (2024, 1): Decimal(10**6)}
    weights = month_weights(series, before_year=2024)
    assert [round(weight * 12, 12) for weight in weights] == SEASON
    assert abs(total(weights) - 1) < Decimal("1e-25")


def test_one_complete_year_is_not_enough_to_weigh_months() -> None:
    assert month_weights(company(1), before_year=2023) == ()
    assert month_weights(company(2, first=(2022, 2)), before_year=2024) == ()
    assert month_weights({}, before_year=2024) == ()


def test_only_the_last_five_years_weigh() -> None:
    series = company(6)
    series |= {(2022, month): Decimal(month == 1) for month in range(1, 13)}
    weights = month_weights(series, before_year=2028)
    assert [round(weight * 12, 12) for weight in weights] == SEASON
