"""Cases that bring every two values of any two dimensions together, many fewer than all of them."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence

Case = dict[str, str]


def everything(dimensions: Mapping[str, Sequence[str]]) -> list[Case]:
    """The whole product."""
    return [dict(zip(dimensions, values, strict=True)) for values in itertools.product(*dimensions.values())]


def pairwise(dimensions: Mapping[str, Sequence[str]]) -> list[Case]:
    """A cover of all pairs, the same every time: each case takes the value that meets most pairs still missing."""
    names = list(dimensions)
    missing = {(a, x, b, y) for a, b in itertools.combinations(names, 2) for x in dimensions[a] for y in dimensions[b]}
    cases: list[Case] = []
    while missing:
        a, x, b, y = min(missing)
        case = {a: x, b: y}
        for name in names:
            if name not in case:
                case[name] = max(dimensions[name], key=lambda value: len(_met({**case, name: value}, names) & missing))
        missing -= _met(case, names)
        cases.append({name: case[name] for name in names})
    return cases


def _met(case: Case, names: Sequence[str]) -> set[tuple[str, str, str, str]]:
    known = [name for name in names if name in case]
    return {(a, case[a], b, case[b]) for a, b in itertools.combinations(known, 2)}
