"""Mistakes that a compiler or a router could make, made on purpose: what looks for mistakes has to find them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import true

from app.values.calendar import DAY, Span
from app.values.context import QueryContext
from queries import compile as compiling
from queries import route as routing
from queries.asking import Asker
from queries.compare import Window
from queries.frame import Frame
from queries.query import Query

_aggregate, _in_window = compiling._aggregate, compiling._in_window


def _a_day_late(source: Any, window: Window) -> Any:
    longer = (Span.whole(span.start, span.end_exclusive + DAY) for span in window.spans)
    return _in_window(source, replace(window, spans=tuple(longer)))


def _a_cent_more(part: Any, source: Any, converts: bool) -> Any:
    right = _aggregate(part, source, converts)
    return right + Decimal("0.01") if part.is_money else right


OF_THE_COMPILER: dict[str, tuple[Any, str, Any]] = {
    "a filter is forgotten": (compiling, "member_condition", lambda _column, _members, *, exclude: true()),
    "an exclusion includes": (compiling, "member_condition", lambda column, members, *, exclude: column.in_(members)),
    "the period ends a day late": (compiling, "_in_window", _a_day_late),
    "a cent is added": (compiling, "_aggregate", _a_cent_more),
    "credit notes are orders": (compiling, "_is_sale", lambda _source: true()),
}
ALL = OF_THE_COMPILER | {
    "the scope is forgotten": (compiling, "scope_condition", lambda _source, _scope: None),
    "months stand for days": (routing, "_is_aligned", lambda _window, _basis, _generation: True),
    "distinct members are added up": (routing, "_uncountable", lambda *_: None),
}


@dataclass(frozen=True)
class Slipping:
    """An asker that alone makes a mistake."""

    asker: Asker
    slip: str

    def ask(self, query: Query, context: QueryContext) -> Frame:
        """Ask while the mistake is made."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(*ALL[self.slip])
            return self.asker.ask(query, context)
