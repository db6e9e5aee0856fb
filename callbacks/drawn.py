"""Drawn: what drawings were answered with, kept for all who may see the same through the same view of the same data."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from app.values.view import View
from app.values.viewer import Viewer
from layouts.answered import AnsweredPanel
from layouts.screen.written import read, write
from queries.cache import Cache, MemoryBackend, key_of
from queries.kept import rests_on
from queries.warehouse.engines.engine import Engine

ROOM = 32 * 1024 * 1024
"""Bytes kept in each web process: what one wrote does not outlive its code."""

Draw = Callable[[], tuple[tuple[Any, ...], Iterable[AnsweredPanel]]]
"""Draws: the parts of a page, and the answers they were drawn of."""


class Drawn:
    """The drawings of one application."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._cache = Cache(MemoryBackend(ROOM), b"")

    def parts(self, name: tuple[object, ...], view: View, viewer: Viewer, draw: Draw) -> tuple[Any, ...]:
        """What was drawn under the name for such a viewer before, or is drawn now and kept unless it may pass."""
        with self._engine.snapshot() as snapshot:
            state = snapshot.generation
        key = self._key(name, view, viewer, (state.number, state.created_at, state.as_of))
        written = self._cache.recall(key, bytes)
        if written is not None:
            return read(written)
        parts, answers = draw()
        if all(_lasts(each, state.number) for each in answers):
            self._cache.remember(key, write(parts))
        return parts

    @staticmethod
    def _key(name: tuple[object, ...], view: View, viewer: Viewer, state: tuple[object, ...]) -> str:
        seen = viewer.context
        return key_of(
            name,
            str(view),
            view.selection,
            viewer.permissions,
            viewer.only.mark if viewer.only else "",
            seen.scope.fingerprint(),
            seen.epoch,
            seen.masks,
            seen.today,
            seen.locale,
            seen.zone,
            seen.currency,
            seen.calendar,
            seen.segmentation,
            state,
        )


def _lasts(answered: AnsweredPanel, generation: int) -> bool:
    """Whether it is the same for as long as the data are: no failure, and nothing but figures of these data."""
    return (
        answered.state in ("ready", "empty")
        and all(rests_on(query) is not None for query in answered.queries.values())
        and all(frame.provenance.generation == generation for frame in answered.frames.values())
    )
