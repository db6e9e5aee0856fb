"""What `salient ask` says, in a house that is open already."""

from __future__ import annotations

import contextlib
import io
import json
from typing import Any

import pytest

from app.assembly import House
from app.cli import asking


def asked_at_the_command_line(
    house: House, email: str, metrics: str, by: str, period: str, versus: str, **more: str
) -> dict[str, Any]:
    """The JSON that `salient ask METRICS --as EMAIL --format json` writes."""
    options = ["--as", email, "--by", by, "--period", period, "--versus", versus, "--format", "json"]
    options += [part for name, text in more.items() for part in (f"--{name}", text)]
    out = io.StringIO()
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(out):
        patch.setattr(asking, "assemble", lambda _: house)
        asking.ask.main([metrics, *options], standalone_mode=False)
    told: dict[str, Any] = json.loads(out.getvalue())
    return told
