"""Notices: what went wrong in a callback, said once, in a sentence; the unexpected with a number to quote."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable

from dash import set_props

from app.values.errors import Refusal
from app.values.viewer import Viewer
from app.values.words import words
from callbacks.registry import Unasked
from layouts.screen import ids
from layouts.screen.notices import notice

log = logging.getLogger(__name__)


def on_error_of(current_viewer: Callable[[], Viewer]) -> Callable[[Exception], None]:
    """What Dash does with an exception of any callback: show it as a notice and change nothing else."""

    def on_error(error: Exception) -> None:
        viewer = current_viewer()
        if isinstance(error, Unasked) or (viewer.only is not None and viewer.only.is_still):
            # Nobody sits at a screen; what a guest's page asks for by habit is refused without a word.
            return
        set_props(ids.NOTICES, {"children": notice(sentence(error, viewer.context.locale))})

    return on_error


def sentence(error: Exception, locale: str = "en") -> str:
    """A refusal's own sentence; anything else is logged under a number, and only the number is told."""
    t = words(locale)
    if isinstance(error, Refusal):
        return t(error.sentence)
    number = secrets.token_hex(4)
    log.error("callback failed (%s)", number, exc_info=error)
    return t(
        "Something went wrong on our side. Try again; if it stays, tell an administrator the number {number}.",
        number=number,
    )
