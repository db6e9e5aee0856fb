"""Nora asks why sales moved: volume, price, mix, new and lost items explain it to the last cent."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from app.domain.bridge import Item, price_volume_mix
from app.domain.figures import total
from tests.domain.strategies import amounts, keys

quantities = st.just(Decimal(0)) | st.decimals(-500, 500, places=1, allow_nan=False)
items = st.lists(
    st.builds(Item, keys, quantities, quantities, amounts, amounts), max_size=15, unique_by=lambda item: item.key
)


def item(key: str, quantity_before: str, quantity: str, net_before: str, net: str) -> Item:
    return Item(key, Decimal(quantity_before), Decimal(quantity), Decimal(net_before), Decimal(net))


def test_the_effects_are_those_of_the_method() -> None:
    # Chairs 10 → 12 at 100 → 110; desks 10 → 6 at 300 → 300. P0avg = 200, Q 20 → 18.
    found = price_volume_mix(
        [item("chair", "10", "12", "1000", "1320"), item("desk", "10", "6", "3000", "1800")], "EUR"
    )
    assert found.start == 4000
    assert found.volume == -400  # (18 − 20) × 200
    assert found.price == 120  # 12 × 10
    assert found.mix == -600  # (12 − 9) × 100 + (6 − 9) × 300
    assert (found.new, found.lost, found.unpriced) == (0, 0, 0)
    assert found.end == 3120
    assert found.comparable == 2


def test_new_and_dropped_items_have_lines_of_their_own() -> None:
    found = price_volume_mix(
        [
            item("chair", "10", "10", "1000", "1100"),
            item("lamp", "0", "5", "0", "250"),
            item("sofa", "2", "0", "1800", "0"),
        ],
        "EUR",
    )
    assert dict(found.steps) == {"volume": 0, "price": 100, "mix": 0, "new": 250, "lost": -1800, "unpriced": 0}
    assert [(each.key, each.kind) for each in found.items] == [
        ("sofa", "lost"),
        ("lamp", "new"),
        ("chair", "comparable"),
    ]


def test_what_only_came_back_and_money_without_units_have_no_price_to_compare() -> None:
    found = price_volume_mix(
        [
            item("chair", "10", "-2", "1000", "-200"),
            item("freight", "0", "0", "30", "45"),
            item("old", "0", "-1", "0", "-80"),
        ],
        "EUR",
    )
    assert found.unpriced == -1200 + 15 - 80
    assert {each.kind for each in found.items} == {"unpriced"}


def test_a_price_rise_of_the_dearer_shelf_is_told_as_price_and_not_as_volume() -> None:
    found = price_volume_mix([item("shelf", "100", "100", "10000", "11200")], "EUR")
    assert (found.volume, found.price, found.mix) == (0, 1200, 0)


def test_nothing_sold_in_either_period_is_a_bridge_of_zeros() -> None:
    for none in ([], [item("chair", "0", "0", "0", "0")]):
        found = price_volume_mix(none, "EUR")
        assert (found.start, found.end, found.comparable) == (0, 0, 0)
        assert all(amount == 0 for _, amount in found.steps)


@given(items, st.sampled_from(["EUR", "JPY", "KWD"]))
def test_start_and_effects_make_the_end_to_the_last_unit(known: list[Item], currency: str) -> None:
    found = price_volume_mix(known, currency)
    assert found.start + total(amount for _, amount in found.steps) == found.end


@given(items)
def test_each_effect_is_within_a_cent_of_its_exact_formula(known: list[Item]) -> None:
    found = price_volume_mix(known, "EUR")
    both = [each for each in known if each.quantity > 0 and each.quantity_before > 0]
    if not both:
        assert found.volume == found.price == found.mix == 0
        return
    old, new = (
        sum(map(Fraction, column)) for column in zip(*((i.quantity_before, i.quantity) for i in both), strict=True)
    )
    revenue = sum(Fraction(i.net_before) for i in both)
    prices = [
        (Fraction(i.net_before) / Fraction(i.quantity_before), Fraction(i.net) / Fraction(i.quantity)) for i in both
    ]
    volume = (new - old) * revenue / old
    price = sum(Fraction(i.quantity) * (p1 - p0) for i, (p0, p1) in zip(both, prices, strict=True))
    mix = sum(
        (Fraction(i.quantity) - Fraction(i.quantity_before) * new / old) * p0
        for i, (p0, _) in zip(both, prices, strict=True)
    )
    for effect, exact in ((found.volume, volume), (found.price, price), (found.mix, mix)):
        assert abs(Fraction(effect) - exact) <= Fraction(1, 100)


@given(items, st.randoms(use_true_random=False))
def test_the_order_of_the_items_does_not_matter(known: list[Item], chance: object) -> None:
    shuffled = list(known)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert price_volume_mix(shuffled, "EUR") == price_volume_mix(known, "EUR")


@given(items)
def test_the_items_add_up_to_the_bridge(known: list[Item]) -> None:
    found = price_volume_mix(known, "EUR")
    tiny = Decimal("1e-20")
    for each in found.items:
        assert abs(total([each.volume, each.price, each.mix, each.other]) - each.change) < tiny
    for name in ("volume", "price", "mix"):
        assert abs(total(getattr(each, name) for each in found.items) - getattr(found, name)) <= Decimal("0.0100001")
    assert total(each.change for each in found.items) == found.end - found.start
