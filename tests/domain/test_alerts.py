"""An alert tells once, does not flap, keeps quiet while muted, and knows what is unusual for a weekday."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.alerts import FARTHEST, Reading, Standing, Tell, oddness, step
from app.values.alert import Rule
from app.values.errors import Invalid

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
BELOW = Rule("net_sales", "threshold", Decimal(90), clear=Decimal(95))

figures = st.one_of(st.none(), st.integers(80, 105).map(Decimal))
holds = st.integers(1, 4)


def walk(
    rule: Rule, values: Sequence[Decimal | None], muted: Sequence[bool] | None = None
) -> list[tuple[Standing, Tell | None]]:
    """A member through checks an hour apart; None is a check without a figure."""
    standing: Standing | None = None
    found = []
    for at, value in enumerate(values):
        quiet = muted[at] if muted else False
        standing, tell = step(rule, standing, Reading(judged=value), NOW + timedelta(hours=at), muted=quiet)
        found.append((standing, tell))
    return found


def below(holds: int) -> Rule:
    return Rule("net_sales", "threshold", Decimal(90), clear=Decimal(95), holds=holds)


def states(walked: Sequence[tuple[Standing, Tell | None]]) -> list[str]:
    return [standing.state for standing, _ in walked]


def told(walked: Sequence[tuple[Standing, Tell | None]]) -> list[Tell]:
    return [tell for _, tell in walked if tell]


def test_sales_that_fall_and_recover_are_told_twice() -> None:
    walked = walk(BELOW, [Decimal(each) for each in (100, 89, 85, 92, 96, 91)])
    assert states(walked) == ["normal", "firing", "firing", "firing", "normal", "normal"]
    assert [tell for _, tell in walked] == [None, "fired", None, None, "cleared", None]


def test_it_waits_until_it_has_held_for_three_checks_in_a_row() -> None:
    walked = walk(below(3), [Decimal(each) for each in (80, 80, 91, 80, 80, 80)])
    assert states(walked) == ["pending", "pending", "normal", "pending", "pending", "firing"]
    assert told(walked) == ["fired"]


def test_a_check_that_could_not_be_asked_changes_nothing_but_the_state() -> None:
    firing, _ = step(BELOW, None, Reading(judged=Decimal(80)), NOW)
    broken, tell = step(BELOW, firing, Reading(problem="away"), NOW + timedelta(hours=1))
    assert (broken.state, broken.is_open, broken.told, tell) == ("error", True, True, None)
    assert broken.since == NOW + timedelta(hours=1)
    again, tell = step(BELOW, broken, Reading(judged=Decimal(80)), NOW + timedelta(hours=2))
    assert (again.state, tell) == ("firing", None)


def test_what_began_while_muted_and_still_goes_on_is_told_afterwards() -> None:
    walked = walk(BELOW, [Decimal(80)] * 3, [True, True, False])
    assert [tell for _, tell in walked] == [None, None, "fired"]


def test_what_began_and_ended_while_muted_is_never_told() -> None:
    walked = walk(BELOW, [Decimal(80), Decimal(99), Decimal(99)], [True, True, False])
    assert told(walked) == []
    assert states(walked) == ["firing", "normal", "normal"]


@given(st.lists(figures, max_size=40), holds)
def test_an_episode_is_told_once_and_its_end_once(values: list[Decimal | None], held: int) -> None:
    said = told(walk(below(held), values))
    assert all(one != other for one, other in pairwise(said))
    assert not said or said[0] == "fired"


@given(st.lists(figures, max_size=40), holds)
def test_it_fires_after_so_many_checks_beyond_the_bound_in_a_row(values: list[Decimal | None], held: int) -> None:
    for at, (_, tell) in enumerate(walk(below(held), values)):
        if tell == "fired":
            known = [each for each in values[: at + 1] if each is not None]
            assert len(known) >= held
            assert all(each < 90 for each in known[-held:])


@given(st.lists(st.integers(90, 94).map(Decimal), max_size=40))
def test_between_the_bounds_nothing_moves(values: list[Decimal]) -> None:
    assert set(states(walk(BELOW, values))) <= {"normal"}
    assert set(states(walk(BELOW, [Decimal(80), *values]))) == {"firing"}
    assert told(walk(BELOW, [Decimal(80), *values])) == ["fired"]


@given(st.lists(st.tuples(figures, st.booleans()), max_size=40), holds)
def test_muting_silences_and_changes_no_state(checks: list[tuple[Decimal | None, bool]], held: int) -> None:
    values, muted = [value for value, _ in checks], [quiet for _, quiet in checks]
    walked, loud = walk(below(held), values, muted), walk(below(held), values)
    assert states(walked) == states(loud)
    assert all(tell is None for (_, tell), quiet in zip(walked, muted, strict=True) if quiet)
    said = told(walked)
    assert all(one == "fired" for one, other in pairwise([*said, ""]) if other == "cleared")
    assert said[:1] in ([], ["fired"])


@given(st.lists(st.integers(0, 12).map(Decimal), max_size=40), st.integers(1, 5))
def test_days_without_a_sale_fire_when_they_reach_the_bound(days: list[Decimal], bound: int) -> None:
    rule = Rule("last_order", "no-data", Decimal(bound))
    for value, (standing, _) in zip(days, walk(rule, days), strict=True):
        assert standing.state == ("firing" if value >= bound else "normal")


@pytest.mark.parametrize(("test", "fires"), [("above", {4, 50}), ("below", {-4, -50}), ("either", {4, -4, 50, -50})])
def test_an_anomaly_has_a_direction(test: str, fires: set[int]) -> None:
    rule = Rule("net_sales", "anomaly", Decimal("3.5"), test, clear=Decimal(2), step="day")  # type: ignore[arg-type]
    found = {each for each in (-50, -4, -3, 0, 3, 4, 50) if rule.is_breached_by(Decimal(each))}
    assert found == fires
    assert rule.is_calmed_by(Decimal(1))
    assert not any(rule.is_calmed_by(Decimal(each)) for each in fires)


@given(st.decimals(-100, 100, places=2), st.decimals(-100, 100, places=2), st.decimals(-120, 120, places=2))
def test_what_calms_never_breaches(bound: Decimal, width: Decimal, value: Decimal) -> None:
    rule = Rule("net_sales", "change", bound, clear=bound + abs(width), versus="last-year")
    assert not (rule.is_breached_by(value) and rule.is_calmed_by(value))


WEEKS = [(day, Decimal(0 if day > 4 else 100 + 10 * day + week)) for week in range(5) for day in range(7)]
"""Five weeks with empty weekends, each weekday at a height of its own."""


def test_an_empty_sunday_is_usual_and_an_empty_monday_is_not() -> None:
    saturday_and_sunday = [(5, Decimal(0)), (6, Decimal(0))]
    quiet = oddness([*WEEKS, *((day, WEEKS[day - 7][1] + 1) for day in range(5)), *saturday_and_sunday], 7)
    assert quiet is not None
    assert abs(quiet.score) < Decimal("3.5")
    empty = oddness([*WEEKS, (0, Decimal(0))], 7)
    assert empty is not None
    assert empty.score < Decimal("-3.5")
    assert empty.low > 0
    assert empty.expected == 102


def test_the_sums_of_the_reference() -> None:
    """Eight points and a ninth, without seasons: residuals against the median of what came before, MAD by hand."""
    found = oddness([(0, Decimal(each)) for each in (10, 12, 11, 13, 12, 11, 12, 13, 20)], 1)
    assert found is not None
    # Medians before each: 10, 11, 11, 11.5, 12, 11.5, 12; residuals 2, 0, 2, 0.5, -1, 0.5, 1: median 0.5, MAD 0.5.
    assert (found.expected, found.n) == (Decimal(12), 7)
    assert round(found.score, 4) == round(Decimal("7.5") / (Decimal("1.4826") * Decimal("0.5")), 4)


def test_a_history_that_never_moved_is_left_by_little_and_by_much() -> None:
    still = [(0, Decimal(100))] * 8
    assert getattr(oddness([*still, (0, Decimal(117))], 1), "score", None) == Decimal("3.4")
    assert getattr(oddness([*still, (0, Decimal(120))], 1), "score", None) == 4
    nothing = [(0, Decimal(0))] * 8
    assert getattr(oddness([*nothing, (0, Decimal(1))], 1), "score", None) == FARTHEST
    assert getattr(oddness([*nothing, (0, Decimal(0))], 1), "score", None) == 0


def test_too_short_a_history_says_nothing() -> None:
    assert oddness([(0, Decimal(1))] * 8, 1) is None
    assert oddness([(day % 7, Decimal(1)) for day in range(14)], 7) is None
    assert oddness([(day % 7, Decimal(1)) for day in range(15)], 7) is not None


@pytest.mark.parametrize(
    "given",
    [
        {"kind": "threshold", "clear": Decimal(80)},
        {"kind": "threshold", "bound": Decimal("NaN")},
        {"kind": "threshold", "bound": Decimal("1e99")},
        {"kind": "threshold", "holds": 0},
        {"kind": "threshold", "test": "either"},
        {"kind": "threshold", "versus": "budget"},
        {"kind": "change"},
        {"kind": "change", "versus": "2013"},
        {"kind": "target"},
        {"kind": "anomaly"},
        {"kind": "anomaly", "step": "hour"},
        {"kind": "anomaly", "step": "day", "bound": Decimal(0)},
        {"kind": "no-data", "bound": Decimal("1.5")},
        {"kind": "rhythm", "bound": Decimal(1)},
        {"kind": "magic"},
    ],
)
def test_a_rule_that_cannot_be_is_refused_when_it_is_made(given: dict[str, object]) -> None:
    with pytest.raises(Invalid):
        Rule(**{"metric": "net_sales", "bound": Decimal(90), **given})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "rule",
    [
        BELOW,
        below(3),
        Rule("margin", "change", Decimal("-0.1"), versus="last-year", by="region"),
        Rule("net_sales", "anomaly", Decimal("3.5"), "either", step="day"),
    ],
)
def test_a_rule_is_read_as_it_was_written(rule: Rule) -> None:
    assert Rule.of(rule.stored()) == rule


@pytest.mark.parametrize("stored", [{}, {"metric": "a", "kind": "threshold", "bound": "x"}, {"bound": 1, "odd": 2}])
def test_what_is_no_rule_is_refused(stored: dict[str, object]) -> None:
    with pytest.raises(Invalid):
        Rule.of(stored)
