"""Narrow: the part of the filters' sheet for amounts and for the company's own fields of customers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import dash_bootstrap_components as dbc
from dash import html
from dash.development.base_component import Component

from app.values.narrowing import BOUNDS, MOST_CONDITIONS, TESTS, AmountRange, FieldCondition
from app.values.view import View
from app.values.words import Words, words
from layouts.screen.parts import icon
from layouts.selected import AMOUNTS, TESTS_NAMED
from queries.fields import Field

BLANK = 2
"""Empty conditions offered below those that stand."""


def forms(view: View, fields: Sequence[Field], currency: str, locale: str) -> list[Component]:
    """The ranges of amounts, and the conditions on fields where the viewer's customers have any."""
    t = words(locale)
    content: list[Component] = [_amounts(view, currency, t)]
    if fields:
        content.append(_rules(view, fields, t))
    return content


def _amounts(view: View, currency: str, t: Words) -> Component:
    standing = {each.of: each for each in view.selection.amounts}
    rows = [_range(of, standing.get(of), t) for of in BOUNDS]
    note = t("Net amounts in {currency}. A total counts the lines that all other filters leave.", currency=currency)
    return _form(
        "amounts",
        t("Amounts"),
        [*rows, html.P(note, className="who")],
        view,
        t,
        is_set=bool(view.selection.amounts),
    )


def _range(of: str, standing: AmountRange | None, t: Words) -> Component:
    title = t(AMOUNTS[of])

    def bound(name: str, label: str) -> Component:
        value = getattr(standing, name) if standing is not None else None
        field = dbc.Input(
            name=f"{of}-{name}",
            type="text",
            inputmode="decimal",
            value="" if value is None else format(value, "f"),
            placeholder=label,
            autocomplete="off",
            maxlength=19,
            class_name="field",
        )
        return _labelled(f"{title}: {label}", field)

    return html.Fieldset(
        [html.Legend(title), html.Div([bound("low", t("from")), bound("high", t("to"))], className="pair")]
    )


def _rules(view: View, fields: Sequence[Field], t: Words) -> Component:
    rules = view.selection.fields
    standing: list[tuple[str, FieldCondition | None]] = []
    for group in rules.groups if rules is not None else ():
        standing += [("or" if at == 0 else "and", condition) for at, condition in enumerate(group)]
    standing += [("and", None)] * min(BLANK, MOST_CONDITIONS - len(standing))
    rows = [_condition(at, joined, condition, fields, t) for at, (joined, condition) in enumerate(standing)]
    lists = [
        html.Datalist([html.Option(value=value) for value in field.values], id=f"values-of-{at}")
        for at, field in enumerate(fields)
    ]
    note = t("Several values are written with a semicolon between them: gold; silver. “And” binds closer than “or”.")
    return _form(
        "fields",
        t("Customer fields"),
        [*rows, *lists, html.P(note, className="who")],
        view,
        t,
        is_set=rules is not None,
    )


def _condition(at: int, joined: str, condition: FieldCondition | None, fields: Sequence[Field], t: Words) -> Component:
    chosen = condition.field if condition is not None else ""
    names = [field.name for field in fields]
    # A field that no customer of the viewer's has may still stand in the address.
    known = names if not chosen or chosen in names else [*names, chosen]
    number = str(at + 1)
    joins: list[Component] = []
    if at:
        joined_by = dbc.Select(
            name=f"join-{at}",
            options=[{"label": t("and"), "value": "and"}, {"label": t("or"), "value": "or"}],
            value=joined,
            class_name="field",
        )
        joins = [_labelled(t("How condition {number} is joined", number=number), joined_by, "join")]
    of = dbc.Select(
        name=f"field-{at}",
        options=[{"label": t("No field"), "value": ""}, *({"label": name, "value": name} for name in known)],
        value=chosen,
        class_name="field of",
    )
    test = dbc.Select(
        name=f"test-{at}",
        options=[{"label": t(TESTS_NAMED[each]), "value": each} for each in TESTS],
        value=condition.test if condition is not None else "is",
        class_name="field",
    )
    value = dbc.Input(
        name=f"value-{at}",
        type="text",
        value="; ".join(condition.values) if condition is not None else "",
        list=f"values-of-{names.index(chosen)}" if chosen in names else "values-of-none",
        autocomplete="off",
        maxlength=400,
        class_name="field value",
    )
    return html.Div(
        [
            *joins,
            _labelled(t("Field of condition {number}", number=number), of),
            _labelled(t("Test of condition {number}", number=number), test),
            _labelled(t("Value of condition {number}", number=number), value, "wide"),
        ],
        className="condition",
    )


def _labelled(said: str, field: Component, kind: str = "") -> Component:
    return html.Label([html.Span(said, className="visually-hidden"), field], className=kind)


def _form(name: str, title: str, content: list[Any], view: View, t: Words, *, is_set: bool) -> Component:
    buttons = [html.Button(t("Apply"), className="act pri", type="submit", **{"data-narrow": name})]
    if is_set:
        selection = view.selection
        bare = selection.with_fields(None) if name == "fields" else selection
        for of in BOUNDS if name == "amounts" else ():
            bare = bare.with_amount(of, None)
        buttons.append(
            html.A(
                [icon("close"), t("Clear")],
                href=str(view.with_selection(bare)),
                className="act",
                **{"data-stay": "true"},
            )
        )
    form = html.Form(
        [*content, html.Div(buttons, className="wrap end")],
        className="stack narrow-form",
        key=f"{name} {view}",
        **{"data-quiet": "true"},
    )
    return html.Details([html.Summary(title), form], open=is_set, className="narrow-part")
