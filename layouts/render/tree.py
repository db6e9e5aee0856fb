"""Tree: the rows of a tree table, written out for the browser, which opens, closes, sorts and focuses them itself."""

from __future__ import annotations

from typing import Any

from app.values.words import words
from layouts import format as fmt
from layouts.answered import AnsweredPanel
from layouts.columns import is_points, member_text, number, sentiment_of, title_of
from layouts.derive.tree import of_whole
from layouts.marks import TreeTable
from layouts.settle import TRAIL
from queries.frame import Column, Frame, Member, Row

QUIET = frozenset({"reference", "delta"})
"""Roles of columns that the table leaves to the CSV: of a comparison it shows the change."""


def tree(answered: AnsweredPanel) -> dict[str, Any]:
    """{"tree": …} with the view's rows, beside an empty figure.

    `columns` have {id, title, kind}; a row has its `path` of [level, key] steps, `name`, `href`, whether it `opens`,
    thirteen points of `spark` and `cells` of {text, value, tone}; `words` are what the browser has to say itself.
    """
    frame, t = answered.frame, words(answered.context.locale)
    layout = {"height": answered.mark.height, "meta": {"panel": answered.panel.id, "compact": {}}}
    if frame is None:
        return {"data": [], "layout": layout}
    level = frame.columns[0].level or ""
    columns = [
        {"id": level, "title": frame.columns[0].title, "kind": "name"},
        {"id": "trend", "title": t("13 months"), "kind": "trend"},
        *(
            {"id": column.id, "title": title_of(column, frame, answered.context.locale), "kind": "figure"}
            for column in _figures(frame)
        ),
    ]
    told = {
        "name": answered.title,
        "open": t("Open {name}", name="{name}"),
        "close": t("Close {name}", name="{name}"),
        "sort": t("Sort by {name}", name="{name}"),
        "opened": t("{count} rows under {name}", count="{count}", name="{name}"),
    }
    total = [] if frame.totals is None else [_row(answered, frame, frame.totals, (), t("Total"), [])]
    drawn = {"columns": columns, "rows": rows_of(answered), "total": total, "words": told}
    return {"data": [], "layout": layout, "tree": drawn}


def rows_of(
    answered: AnsweredPanel, path: tuple[tuple[str, str], ...] = (), root: Frame | None = None
) -> list[dict[str, Any]]:
    """The rows of a level, of an opened member those under it; `root` is the frame whose total shares are of."""
    frame = answered.frame
    if frame is None or answered.state != "ready":
        return []
    if root is not None:
        frame = of_whole(frame, root)
    level, locale, sparks = frame.columns[0].level or "", answered.context.locale, sparks_of(answered)
    return [
        _row(
            answered, frame, row, (*path, (level, member.key)), member_text(member, level, locale),
            sparks.get(member.key, []),
        )
        for row in frame.rows
        if isinstance(member := row[0], Member)
    ]  # fmt: skip


def _row(
    answered: AnsweredPanel, frame: Frame, row: Row, path: tuple[tuple[str, str], ...], name: str, spark: list[float]
) -> dict[str, Any]:
    level, key = path[-1] if path else ("", "")
    mark = answered.mark
    opens = isinstance(mark, TreeTable) and level in mark.opens
    return {
        "path": [list(step) for step in path],
        "name": name,
        "href": _href(answered, level, key) if path else None,
        "opens": opens,
        "spark": spark,
        "cells": [_cell(answered, frame, row, column) for column in _figures(frame)],
    }


def _href(answered: AnsweredPanel, level: str, key: str) -> str | None:
    if answered.gesture != "drill":
        return None
    return str(answered.view.with_selection(answered.view.selection.drill_to(level, key)))


def _figures(frame: Frame) -> list[Column]:
    return [column for column in frame.columns if column.role != "dimension" and column.role not in QUIET]


def _cell(answered: AnsweredPanel, frame: Frame, row: Row, column: Column) -> dict[str, Any]:
    value, locale = number(row[frame.index(column.id)]), answered.context.locale
    if column.role == "change":
        large = value is not None and not -1 < value < 1
        text = fmt.percent(value, locale, 0 if large else 1, plus=True)
    elif is_points(column) or column.unit in fmt.RATIOS:
        text = fmt.percent(value, locale)
    elif column.unit == "money":
        text = fmt.compact(value, "money", locale, frame.currency)
    else:
        text = fmt.exact(value, column.unit or "count", locale, frame.currency)
    tone = sentiment_of(value, column.better) if column.role == "change" else "none"
    return {"text": text, "value": None if value is None else float(value), "tone": tone}


def sparks_of(answered: AnsweredPanel) -> dict[str, list[float]]:
    """Net sales of the thirteen steps to the end by member, as parts of the member's largest: for pixels only."""
    frame = answered.frames.get("trail")
    if frame is None:
        return {}
    at, found = frame.index("net_sales"), dict[str, dict[str, float]]()
    for row in frame.rows:
        member, step, value = row[0], row[1], number(row[at])
        if isinstance(member, Member) and isinstance(step, Member) and value is not None:
            found.setdefault(member.key, {})[step.key] = float(value)
    steps = sorted({step for known in found.values() for step in known})[-TRAIL:]
    return {
        key: [round(known.get(step, 0.0) / (max(map(abs, known.values())) or 1.0), 4) for step in steps]
        for key, known in found.items()
    }
