"""Lena sorts her products: which to promote, defend, reprice or review, and which tail to think about giving up."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from app.domain.figures import total
from app.domain.quadrant import Product, quadrants, tail
from app.values.money import divide
from tests.domain.strategies import amounts, keys

products = st.lists(
    st.builds(Product, keys, amounts, amounts, amounts, amounts), max_size=20, unique_by=lambda product: product.key
)


def product(key: str, net: int, before: int, margin: int, costed: int | None = None) -> Product:
    return Product(key, Decimal(net), Decimal(before), Decimal(margin), Decimal(net if costed is None else costed))


RANGE = [
    product("star", 150, 100, 75),
    product("cow", 100, 120, 60),
    product("bait", 90, 60, 9),
    product("dog", 20, 60, 2),
]


def test_the_lines_are_the_growth_and_margin_of_the_whole_range() -> None:
    found = quadrants(RANGE)
    assert (found.growth_line, found.margin_line) == (divide(20, 340)[0], divide(146, 360)[0])
    assert {each.product.key: each.quadrant for each in found.placed} == {
        "star": "promote", "cow": "defend", "bait": "reprice", "dog": "review",
    }  # fmt: skip
    assert [(each.quadrant, each.count, each.net) for each in found.sums] == [
        ("promote", 1, 150), ("defend", 1, 100), ("reprice", 1, 90), ("review", 1, 20), (None, 0, 0),
    ]  # fmt: skip


def test_on_the_line_counts_as_above_it() -> None:
    (only,) = quadrants([product("even", 110, 100, 44)], Decimal("0.1"), Decimal("0.4")).placed
    assert only.quadrant == "promote"
    (alone,) = quadrants([product("alone", 50, 100, 5)]).placed
    assert alone.quadrant == "promote"


def test_what_is_new_or_has_no_known_cost_has_no_place_but_a_reason() -> None:
    found = quadrants([*RANGE, product("new", 40, 0, 20), product("odd", 40, -5, 20), product("dark", 40, 30, 0, 0)])
    unplaced = {each.product.key: each.reason for each in found.placed if each.quadrant is None}
    assert unplaced == {"new": "zero_base", "odd": "negative_base", "dark": "no_base"}


def test_without_any_sales_before_nothing_has_a_place() -> None:
    found = quadrants([product("a", 10, 0, 5)])
    assert (found.growth_line, found.placed[0].quadrant) == (None, None)
    assert quadrants([]).placed == ()
    assert tail(quadrants([])).net == 0


def test_the_tail_is_small_shrinking_and_poor_and_never_new() -> None:
    many = [product("big", 9000, 8000, 4000), product("dim", 40, 80, 4), product("dull", 30, 80, 3)]
    found = tail(quadrants([*many, product("fresh", 20, 0, 1), product("rich", 25, 80, 20)]))
    assert [each.product.key for each in found.placed] == ["dull", "dim"]
    assert found.net == 70


@given(products, st.randoms(use_true_random=False))
def test_every_product_is_counted_once_in_whatever_order(known: list[Product], chance: object) -> None:
    found = quadrants(known)
    assert sum(each.count for each in found.sums) == len(known)
    assert total(each.net for each in found.sums) == total(each.net for each in known)
    assert all((each.quadrant is None) == (each.reason is not None) for each in found.placed)
    shuffled = list(known)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert quadrants(shuffled) == found
    assert tail(quadrants(shuffled)) == tail(found)
