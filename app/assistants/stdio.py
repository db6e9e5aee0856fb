"""Assistants over stdin and stdout: the assistant starts us, and whoever started it is whom we ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import anyio
from mcp.server.stdio import stdio_server

from app.assistants.callers import Caller
from app.assistants.server import assistant_server

if TYPE_CHECKING:
    from app.assembly import House


def converse(house: House, caller: Caller) -> None:
    """Answer until stdin ends. Nothing but the protocol is written to stdout."""

    async def until_the_end() -> None:
        server = assistant_server(house, lambda _: caller())
        async with stdio_server() as (heard, said):
            await server.run(heard, said, server.create_initialization_options())

    anyio.run(until_the_end)
