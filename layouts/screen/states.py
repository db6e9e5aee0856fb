"""States: what stands where there is nothing to show, with a sentence and the next thing to do."""

from __future__ import annotations

from datetime import date

from dash import html
from dash.development.base_component import Component

from app.values.view import View
from app.values.words import words
from layouts import format as fmt
from layouts.screen.parts import icon
from layouts.settle import last_quarter, view_of_period

_DRAWINGS = {"empty": "empty", "refused": "lock", "error": "warning"}


def sorry(state: str, sentence: str, view: View, newest: date | None = None, locale: str = "en") -> Component:
    """Inside a panel: why there is no picture, and what one can do about it; `newest` is the day of the newest sale."""
    return html.Div(
        [
            icon(_DRAWINGS.get(state, "empty")),
            html.P(sentence),
            html.Div(ways_out(state, view, newest, locale), className="wrap"),
        ],
        className="sorry",
    )


def ways_out(state: str, view: View, newest: date | None = None, locale: str = "en") -> list[Component]:
    """Next actions: remove the last filter or step, go where the newest sales are, show all time, try again."""
    t = words(locale)
    if state == "error":
        return [html.Button(t("Try again"), className="act", type="button", **{"data-tool": "again"})]
    if state != "empty":
        return []
    selection = view.selection
    ways = []
    if selection.filters:
        without = selection.without_filter(selection.filters[-1].level)
        ways.append(html.A(t("Remove last filter"), className="act", href=str(view.with_selection(without))))
    elif selection.drill:
        up = selection.drill_up(selection.drill[-2][0] if len(selection.drill) > 1 else None)
        ways.append(html.A(t("One step up"), className="act", href=str(view.with_selection(up))))
    if newest is not None:
        latest = last_quarter(newest)
        title = t("Show {quarter}", quarter=fmt.time_name(latest, locale))
        ways.append(html.A(title, className="act", href=str(view_of_period(view, latest))))
    if str(selection.period) != "all":
        ways.append(
            html.A(t("Show all time"), className="act", href=str(view.with_selection(selection.with_period("all"))))
        )
    return ways


def page(drawing: str, title: str, sentence: str, ways: list[Component]) -> Component:
    """A whole page that says one thing."""
    return html.Div(
        [icon(drawing), html.H1(title), html.P(sentence), html.Div(ways, className="wrap")], className="state-page"
    )


def unknown(home: str | None, locale: str = "en") -> Component:
    """No such dashboard, or none that this viewer may open: the two look alike."""
    t = words(locale)
    ways = [html.A(t("Go to your first dashboard"), className="act pri", href=home)] if home else []
    sentence = t("It may have been renamed, or your role does not open it.")
    return page("search", t("There is no such page"), sentence, ways)


def unreadable(sentence: str, home: str | None, locale: str = "en") -> Component:
    """The address means nothing."""
    t = words(locale)
    ways = [html.A(t("Start again"), className="act pri", href=home)] if home else []
    return page("warning", t("This address cannot be read"), t(sentence), ways)


def nothing_assigned(role: str, locale: str = "en") -> Component:
    """For somebody signed in who may see no row at all."""
    t = words(locale)
    if role in ("", "none"):
        sentence = t(
            "You are signed in, but no sales have been assigned to you yet. An administrator can give you a role and"
            " say which regions, teams or accounts are yours."
        )
    else:
        sentence = t(
            "You are signed in, but no sales have been assigned to you yet as {role}. An administrator can give you a"
            " role and say which regions, teams or accounts are yours.",
            role=t(role.replace("-", " ").replace("_", " ").capitalize()) if locale != "en" else role.replace("_", " "),
        )
    account = html.A(t("Your account"), className="act", href="/account")
    return page("lock", t("Nothing is assigned to you yet"), sentence, [account])


def nothing_loaded(locale: str = "en") -> Component:
    """For everybody, before the first data came in."""
    t = words(locale)
    sentence = t("The warehouse is empty. An administrator can import the company's data, or build the demo company.")
    return page("empty", t("There is no data yet"), sentence, [])
