"""Picks: the controls of the top bar. Every choice is a link to the view it leads to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

import dash_bootstrap_components as dbc
from dash import html
from dash.development.base_component import Component

from app.values.calendar import Calendar
from app.values.hierarchy import TIME_LEVELS
from app.values.period import Period
from app.values.selection import BASES, Selection
from app.values.view import View
from app.values.words import words
from layouts import format as fmt
from layouts.screen import files
from layouts.screen.parts import link, menu
from layouts.screen.surroundings import Surroundings
from layouts.screen.views import button
from layouts.selected import BASIS_NAMES, BASIS_NOTES

RUNNING = ("this-month", "this-quarter", "this-year", "year-to-date")
COMPLETE = ("last-month", "last-quarter", "last-year", "last-3-months", "last-12-months")
FISCAL = ("this-fiscal-quarter", "this-fiscal-year", "last-fiscal-quarter", "last-fiscal-year")
COMPARED = ("budget", "last-year", "previous")
YEARS = 6
QUARTERS = 8


def picks(around: Surroundings) -> list[Component]:
    """Period, compare, currency, basis, the button that opens the filters, and the files to take away."""
    t, selection = words(around.viewer.context.locale), around.view.selection
    chosen = len(selection.filters) + len(selection.narrowed)
    return [
        button(around),
        _period(around),
        _compare(around),
        _currency(around),
        _basis(around),
        html.Button(
            [html.Small(t("Filters")), t("{count} set", count=chosen) if chosen else t("Add")],
            className="pick-button",
            type="button",
            **{"data-tool": "filters", "aria-haspopup": "dialog"},
        ),
        *files.export(around),
    ]


def period_title(text: str, locale: str) -> str:
    """A period as a choice: "This quarter", "Q2 2013"."""
    return fmt.heading(fmt.period_name(text, None, locale))


def _choice(view: View, selection: Selection, title: str, *, note: str = "") -> Component:
    return link(title, str(view.with_selection(selection)), current=selection == view.selection, note=note)


def _period(around: Surroundings) -> Component:
    view, locale = around.view, around.viewer.context.locale
    t = words(locale)

    def entries(periods: Iterable[str]) -> list[Component]:
        # A period chosen anew is meant whole: what was drilled into by time is left.
        return [_choice(view, _timeless(view.selection).with_period(p), period_title(p, locale)) for p in periods]

    context = around.viewer.context
    left = [html.Div(t("To date"), className="menu-title"), *entries(RUNNING)]
    left += [html.Div(t("Complete"), className="menu-title"), *entries(COMPLETE), *entries(("all",))]
    right = [html.Div(t("Years and quarters with sales"), className="menu-title")]
    right += entries(_years(around.stand.first_day, around.stand.last_day))
    right += entries(_quarters(around.stand.last_day))
    if context.calendar != Calendar():
        right += [html.Div(t("Fiscal"), className="menu-title"), *entries(FISCAL)]
    columns = html.Div([html.Div(left), html.Div(right)], className="menu-columns")
    return menu(
        t("Period"),
        period_title(str(view.selection.period), locale),
        [columns, _range("range", t("Show"), locale)],
        wide=True,
    )


def _timeless(selection: Selection) -> Selection:
    return replace(selection, drill=tuple(step for step in selection.drill if step[0] not in TIME_LEVELS))


def _years(first: date | None, last: date | None) -> list[str]:
    if first is None or last is None:
        return []
    return [str(year) for year in range(last.year, max(first.year, last.year - YEARS + 1) - 1, -1)]


def _quarters(last: date | None) -> list[str]:
    if last is None:
        return []
    at = last.year * 4 + (last.month - 1) // 3
    return [f"{quarter // 4}-Q{quarter % 4 + 1}" for quarter in range(at, at - QUARTERS, -1)][:4]


def _range(act: str, title: str, locale: str) -> Component:
    """From one day to another, and the button that does something with it."""
    t = words(locale)

    def day(name: str, title: str) -> Component:
        # Dash's own inputs know no dates; the browser's do, with a keyboard and in the reader's language.
        return html.Label([title, _date_input(name)])

    return html.Form(
        [
            day("from", t("From")),
            day("to", t("To")),
            html.Button(title, className="act pri", type="submit", **{"data-tool": act}),
        ],
        **{"data-quiet": "true"},
    )


def _date_input(name: str) -> Component:
    return dbc.Input(type="date", name=name, class_name="field")


def compare_title(versus: tuple[str, ...], locale: str) -> str:
    """The comparisons in words: "Budget · Last year"."""
    names = [fmt.reference_name(reference, locale) for reference in versus]
    return " · ".join(fmt.heading(name) for name in names) or words(locale)("Nothing")


def _compare(around: Surroundings) -> Component:
    view, locale = around.view, around.viewer.context.locale
    t, versus = words(locale), view.selection.versus

    def toggled(reference: str) -> tuple[str, ...]:
        if reference in versus:
            return tuple(other for other in versus if other != reference)
        return (*versus[-1:], reference) if len(versus) > 1 else (*versus, reference)

    def entry(reference: str) -> Component:
        name = fmt.reference_name(reference, locale)
        href = str(view.with_selection(view.selection.with_versus(*toggled(reference))))
        return link(fmt.heading(name), href, current=reference in versus, stay=True)

    own = tuple(reference for reference in versus if reference not in COMPARED)
    entries = [html.Div(t("Up to two"), className="menu-title"), *(entry(reference) for reference in (*COMPARED, *own))]
    nothing = _choice(view, view.selection.with_versus(), t("Nothing"))
    custom = _range("against", t("Compare"), locale)
    return menu(t("Compare"), compare_title(versus, locale), [*entries, nothing, custom], name="compare")


def _currency(around: Surroundings) -> Component:
    view, own = around.view, around.viewer.context.currency
    chosen = view.selection.currency or own
    offered = tuple(dict.fromkeys((own, *around.stand.currencies)))

    def entry(code: str) -> Component:
        selection = view.selection.with_currency(None if code == own else code)
        return link(code, str(view.with_selection(selection)), current=code == chosen)

    return menu(words(around.viewer.context.locale)("Currency"), chosen, [entry(code) for code in offered])


def _basis(around: Surroundings) -> Component:
    view, t = around.view, words(around.viewer.context.locale)
    names = {basis: fmt.heading(t(BASIS_NAMES[basis])) for basis in BASES}
    entries = [
        _choice(view, view.selection.with_basis(basis), names[basis], note=t(BASIS_NOTES[basis])) for basis in BASES
    ]
    return menu(t("Basis"), names[view.selection.basis], entries)


def custom_range(first: str, last: str) -> Period:
    """The period from one day to another, whichever was named first; Invalid when they are no days."""
    return Period.parse("..".join(sorted((first, last))))
