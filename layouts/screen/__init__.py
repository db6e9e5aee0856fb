"""How Salient looks in Dash: functions from values to components."""

from __future__ import annotations

from layouts.screen.index import options
from layouts.screen.shell import mount

__all__ = ["mount", "options"]
