"""What is held against what when a random question is answered; failures say where, without printing whole frames."""

from __future__ import annotations

from dataclasses import fields, replace
from decimal import Decimal
from typing import Any

from app.values.errors import Refusal
from app.values.hierarchy import TIME_LEVELS
from queries.asking import Asker
from queries.frame import Frame
from tests.queries import oracle
from tests.queries.company import FEW_DOCUMENTS, context
from tests.queries.questions import Asked

NEARLY = Decimal("1e-18")


def answer(asker: Asker, asked: Asked) -> Frame | str:
    """The answer to a viewer, or the sentence that refuses it."""
    try:
        return asker.ask(asked.query, context(asked.scope, currency=asked.currency))
    except Refusal as refusal:
        return f"{type(refusal).__name__}: {refusal}"


def from_rollup(frame: Frame) -> bool:
    """Whether a rollup was read."""
    return any(source.table.startswith("rollup_") for source in frame.provenance.sources)


def check_equal(one: Frame | str, other: Frame | str) -> None:
    """Both tell the same, to the cent, wherever they read it."""
    if isinstance(one, str) or isinstance(other, str):
        assert one == other, f"{one if isinstance(one, str) else 'answered'} / {other}"[:2000]
        return
    for name in (field.name for field in fields(Frame) if field.name != "provenance"):
        alike = _alike(getattr(one, name), getattr(other, name))
        assert alike, f"{name}: {_first_difference(one, other, name)}"[:2000]
    assert replace(one.provenance, sources=(), as_of=None) == replace(other.provenance, sources=(), as_of=None)


def _alike(here: Any, there: Any) -> bool:
    """Equal; of what is shared out over weeks or days, to eighteen digits, for its parts are added up in any order."""
    if here == there:
        return True
    if isinstance(here, tuple) and isinstance(there, tuple) and len(here) == len(there):
        return all(map(_alike, here, there))
    return isinstance(here, Decimal) and isinstance(there, Decimal) and _same(here, there)


def _first_difference(one: Frame, other: Frame, name: str) -> str:
    here, there = getattr(one, name), getattr(other, name)
    if name == "rows" and len(here) == len(there):
        here, there = next(pair for pair in zip(here, there, strict=True) if not _alike(*pair))
    return f"{here!r:.900} / {there!r:.900}"


def check_inside(asked: Asked, frame: Frame) -> None:
    """Every figure is made of the lines inside the scope that the question is about, and of nothing else."""
    query, span = asked.query, frame.provenance.span
    metrics = [metric for metric in query.metrics if metric in oracle.METRICS]
    if not metrics:
        return
    given = {"scope": asked.scope, "where": query.where, "basis": query.basis, "documents": FEW_DOCUMENTS}
    lines = oracle.matching(span.start, span.end_exclusive, **given) if span else []
    groups: dict[tuple[str, ...], list[oracle.Sold]] = {} if query.by or asked.scope.is_nothing else {(): []}
    for line in lines:
        groups.setdefault(oracle.key_of(line, query.by, query.basis), []).append(line)
    # Rows without a line of their own: a lone series of time is filled up, plans and comparisons have members too.
    may_be_empty = query.versus or len(metrics) < len(query.metrics) or set(query.by) & TIME_LEVELS
    found = set()
    for row in frame.rows:
        key = tuple(member.key for member in row[: len(query.by)])  # type: ignore[union-attr]
        found.add(key)
        assert key in groups or may_be_empty, f"{key} is nothing of the viewer's"
        _check_figures(asked, frame, row, metrics, groups.get(key, []), str(key))
    assert query.limit is not None or groups.keys() <= found, f"missing: {sorted(groups.keys() - found)[:5]}"
    hidden = [line for key, members in groups.items() if key not in found for line in members]
    for told, among, what in ((frame.totals, lines, "totals"), (frame.others, hidden, "others")):
        if told is not None:
            _check_figures(asked, frame, told, metrics, among, what)


def _check_figures(
    asked: Asked, frame: Frame, row: Any, metrics: list[str], lines: list[oracle.Sold], what: str
) -> None:
    for metric in metrics:
        value, expected = row[frame.index(metric)], oracle.figure(metric, lines, asked.currency, asked.query.basis)
        assert _same(value, expected), f"{metric} of {what}: {value}, expected {expected}"


def _same(found: Any, expected: Any) -> bool:
    """Sums exactly; quotients to eighteen digits."""
    if found is None or expected is None:
        return found is expected
    return found == expected or abs(Decimal(found) - Decimal(expected)) <= NEARLY * max(1, abs(Decimal(expected)))
