"""A notice: one sentence about what went wrong, gone by itself."""

from __future__ import annotations

import dash_bootstrap_components as dbc
from dash.development.base_component import Component

SHOWN_MS = 12_000


def notice(sentence: str) -> Component:
    """The sentence, to be read and dismissed."""
    alert: Component = dbc.Alert(sentence, dismissable=True, duration=SHOWN_MS)
    return alert
