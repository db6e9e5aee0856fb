"""Globe: countries and states as shapes, shaded by their figures, with the key under them."""

from __future__ import annotations

from collections.abc import Sequence

from layouts.render.vega.labels import Label
from layouts.render.vega.layers import Layer
from layouts.render.vega.plot import Part, Plot


def globe(data: Sequence[Part], plot: Plot) -> tuple[list[Layer], list[Label]]:
    """The map of a figure that has one."""
    return [], []
