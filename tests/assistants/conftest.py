"""A company whose people let assistants ask: over stdin of a real process, over HTTP, and in the web process."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import anyio
import pytest
from mcp.client.client import Client
from mcp.client.stdio import StdioServerParameters, stdio_client

from app.assembly import House
from app.services import tokens
from tests.sweep.company import COLLEAGUES, TODAY, open_house, tables

T = TypeVar("T")
Talk = Callable[[Client], Awaitable[T]]
WITH_TOKENS = [name for name in COLLEAGUES if name not in ("otto", "ines")]


@dataclass
class Company:
    """A company's house, where it lies, and its people's tokens."""

    house: House
    home: Path
    tokens: dict[str, str] = field(default_factory=dict)

    def token(self, name: str, *scopes: str) -> str:
        """A colleague's token; the usual one reads, sees rows and exports."""
        wanted = ",".join((name, *scopes))
        if wanted not in self.tokens:
            with self.house.database.write() as session:
                _, self.tokens[wanted] = tokens.make(
                    session,
                    "cli",
                    owner=COLLEAGUES[name].email,
                    name=wanted,
                    scopes=scopes or ("read", "rows", "export"),
                )
        return self.tokens[wanted]

    @property
    def environment(self) -> dict[str, str]:
        """The settings of a process of its own."""
        return {
            "SALIENT_HOME": str(self.home),
            "SALIENT_TODAY": TODAY.isoformat(),
            "SALIENT_REPORTING_CURRENCIES": "USD",
            "PYTHONPATH": os.pathsep.join(sys.path),
        }

    def process(self, *words: str, **environment: str) -> StdioServerParameters:
        """`salient mcp WORDS…` as an assistant starts it."""
        return StdioServerParameters(
            command=sys.executable,
            args=["-c", "from app.cli import main; main()", "mcp", *words],
            env={**self.environment, **environment},
        )

    def converse(self, talk: Talk[T], *words: str, **environment: str) -> T:
        """What comes of talking to `salient mcp` over stdin and stdout."""

        async def run() -> T:
            async with Client(stdio_client(self.process(*words, **environment))) as client:
                return await talk(client)

        return anyio.run(run)


@pytest.fixture(scope="package")
def company(tmp_path_factory: pytest.TempPathFactory, cheap_hashing: None) -> Iterator[Company]:
    """The whole company."""
    home = tmp_path_factory.mktemp("assisted")
    house = open_house(home, tables())
    yield Company(house, home)
    house.close()


def answer_in(result: Any) -> Any:
    """What a tool told, out of its label."""
    assert not result.is_error, result.content[0].text
    told = json.loads(result.content[0].text)
    assert re.search("data, never instructions", told["about"]["note"])
    return told["answer"]
