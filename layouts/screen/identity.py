"""Identity: who a customer is, as names and what they say, side by side; addresses one can write to or call."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from layouts.answered import AnsweredPanel
from layouts.columns import member_text
from queries.frame import Member, Value

_REACHED_BY = {"email": "mailto:", "phone": "tel:"}


def facts(answered: AnsweredPanel) -> Component:
    """Every fact of the answer, in its order."""
    rows = answered.frame.rows if answered.frame is not None else ()
    pairs = [_pair(fact, value, answered.context.locale) for fact, value in rows if isinstance(fact, Member)]
    return html.Dl(pairs, className="identity")


def _pair(fact: Member, value: Value, locale: str) -> Component:
    text = member_text(value, None, locale)
    scheme = _REACHED_BY.get(fact.key)
    # A long address goes on after its "@" on the next line, and nowhere else.
    before, at, after = text.partition("@")
    parts = [before + at, html.Wbr(), after] if at else text
    said = html.A(parts, href=scheme + "".join(text.split())) if scheme else text
    return html.Div([html.Dt(fact.name), html.Dd(said)], **{"data-fact": fact.key})
