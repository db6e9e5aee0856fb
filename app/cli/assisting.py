"""`salient mcp`: AI assistants ask, over stdin and stdout or over HTTP."""

from __future__ import annotations

import logging
import os
import sys
from urllib.parse import urlsplit

import click

from app.assembly import House, assemble
from app.config import read_settings
from app.telling import notice
from app.values.errors import Invalid

_GIVEN = "SALIENT_TOKEN"


@click.command()
@click.option("--as", "email", help="Ask as this user; only at this workspace's own command line.")
@click.option("--http", "over_http", is_flag=True, help="Over HTTP, with a token in every request, at /mcp.")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on, with --http.")
@click.option("--port", type=click.IntRange(1, 65_535), default=8052, show_default=True, help="With --http.")
def mcp(email: str | None, over_http: bool, host: str, port: int) -> None:
    """Let an AI assistant ask (Model Context Protocol).

    Without --http it speaks over stdin and stdout, for the owner of the token in SALIENT_TOKEN or for --as.
    """
    # What is logged must not stand between the answers on stdout.
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING)
    token = os.environ.get(_GIVEN, "").strip()
    if over_http and (email or token):
        raise Invalid("Over HTTP each request brings its own token: leave --as and SALIENT_TOKEN out.")
    if not over_http and bool(email) == bool(token):
        raise Invalid("Say for whom the assistant asks: a token in SALIENT_TOKEN, or --as and an address.")
    house = assemble(read_settings())
    try:
        if over_http:
            _serve(house, host, port)
        else:
            _converse(house, email, token)
    finally:
        house.close()


def _converse(house: House, email: str | None, token: str) -> None:
    from app.assistants.callers import Caller, NamedCaller, TokenCaller
    from app.assistants.stdio import converse

    caller: Caller = NamedCaller(house, email) if email else TokenCaller(house, token)
    caller()
    converse(house, caller)


def _serve(house: House, host: str, port: int) -> None:
    from app.assistants.http import LOOPBACK, serve
    from app.web.api import pace_of

    own = urlsplit(house.settings.external_url or "").hostname
    if host not in ("127.0.0.1", "::1", "localhost") and own is None:
        raise Invalid("Beyond this machine assistants need a name to come by: set SALIENT_EXTERNAL_URL.")
    notice(f"Assistants ask at http://{host}:{port}/mcp, each request with a token. Ctrl+C stops.")
    serve(house, pace_of(house).spend, host, port, (*LOOPBACK, *((own,) if own else ())))
