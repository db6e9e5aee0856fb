"""Assistants over HTTP: one POST, one JSON answer, nothing kept between them; a token with every request."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Protocol

import anyio.to_thread
from mcp.server.lowlevel import Server
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp.server.transport_security import TransportSecuritySettings
from sqlalchemy.exc import SQLAlchemyError
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.assistants.callers import CLOSED, TokenCaller
from app.assistants.server import Context, assistant_server
from app.values.errors import Forbidden, Refusal, TooBig
from app.values.json_text import read_json
from app.values.viewer import Viewer
from app.values.words import say

if TYPE_CHECKING:
    from app.assembly import House

_LOG = logging.getLogger(__name__)

PLACE = "/mcp"
LARGEST_BODY = 256 * 1024
LOOPBACK = ("127.0.0.1", "localhost", "[::1]")

_VIEWER = "salient.viewer"


Replied = tuple[int, tuple[tuple[str, str], ...], bytes]
"""An answer over HTTP: status, headers, body."""


def viewer_in(context: Context) -> Viewer:
    """Who the request was let in for. Raises Forbidden where nobody was."""
    viewer = context.request.scope.get(_VIEWER) if context.request is not None else None
    if not isinstance(viewer, Viewer):
        raise Forbidden(CLOSED)
    return viewer


class Spent(Protocol):
    """Whether a request goes on (0), or the seconds until it may come again; and the headers that tell."""

    @property
    def wait_s(self) -> int:
        """Seconds to wait."""
        ...

    @property
    def headers(self) -> Mapping[str, str]:
        """What is told about it."""
        ...


Spend = Callable[[str, datetime], Spent]
"""Counts a request of somebody's."""


def application(house: House, spend: Spend, names: tuple[str, ...] = LOOPBACK) -> Starlette:
    """The endpoint as a server of its own: only under these host names, and only with a token that is live now."""
    manager = _manager(
        assistant_server(house, viewer_in),
        TransportSecuritySettings(
            allowed_hosts=[*names, *(f"{name}:*" for name in names)],
            allowed_origins=[
                f"{how}://{name}{port}" for how in ("http", "https") for name in names for port in ("", ":*")
            ],
        ),
    )

    @asynccontextmanager
    async def open_(_: Starlette) -> Any:
        async with manager.run():
            yield

    return Starlette(routes=[Route(PLACE, _Gate(house, spend, manager.handle_request))], lifespan=open_)


@dataclass(frozen=True)
class _Gate:
    """Stands before the endpoint: a POST, a live token, and plain JSON, or a sentence."""

    house: House
    spend: Spend
    inner: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] != "POST":
            await _refuse(send, 405, NO_STREAM, ("Allow", "POST"))
            return
        scheme, _, token = Headers(scope=scope).get("authorization", "").partition(" ")
        try:
            if scheme.casefold() != "bearer":
                raise Forbidden(CLOSED)
            viewer = await anyio.to_thread.run_sync(TokenCaller(self.house, token.strip()))
        except Forbidden as refusal:
            await _refuse(send, 401, refusal.sentence, ("WWW-Authenticate", 'Bearer realm="Salient"'))
            return
        except SQLAlchemyError:
            _LOG.exception("tokens cannot be read")
            await _refuse(send, 503, UNKNOWN)
            return
        scope[_VIEWER] = viewer
        spent = await anyio.to_thread.run_sync(self.spend, f"{viewer.kind}:{viewer.id}", datetime.now(UTC))
        if spent.wait_s:
            await _refuse(send, 429, say(TOO_FAST, n=spent.wait_s), *spent.headers.items())
            return
        body = await _read(receive)
        if refused := _not_plain(body):
            await _refuse(send, *refused)
            return
        await self.inner(scope, _again(body), send)


def answer_once(house: House, viewer: Viewer, headers: Mapping[str, str], body: bytes) -> Replied:
    """One request answered for a viewer who was let in elsewhere: host, origin and rights were looked at there."""
    if refused := _not_plain(body):
        status, sentence = refused
        return status, (("Content-Type", "application/json"),), _told(sentence)
    return asyncio.run(_once(house, viewer, headers, body))


async def _once(house: House, viewer: Viewer, headers: Mapping[str, str], body: bytes) -> Replied:
    manager = _manager(
        assistant_server(house, viewer_in), TransportSecuritySettings(enable_dns_rebinding_protection=False)
    )
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "path": PLACE,
        "raw_path": PLACE.encode(),
        "query_string": b"",
        "headers": [(name.lower().encode("latin-1"), text.encode("latin-1")) for name, text in headers.items()],
        _VIEWER: viewer,
    }
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async with manager.run():
        await manager.handle_request(scope, _again(body), send)
    start = next(each for each in sent if each["type"] == "http.response.start")
    whole = b"".join(each.get("body", b"") for each in sent if each["type"] == "http.response.body")
    told = tuple((name.decode("latin-1"), text.decode("latin-1")) for name, text in start["headers"])
    return start["status"], told, whole


UNKNOWN = say("Nobody can be recognised just now. Try again in a moment.")
TOO_FAST = "That is too fast: try again in {n} seconds."
NO_STREAM = say("Assistants send a POST and get one answer; there is no stream to listen to.")


def _manager(server: Server[Any], security: TransportSecuritySettings) -> StreamableHTTPSessionManager:
    return StreamableHTTPSessionManager(
        app=server, json_response=True, stateless=True, security_settings=security, max_request_body_size=LARGEST_BODY
    )


def _not_plain(body: bytes) -> tuple[int, str] | None:
    """The status and the sentence of what is no plain JSON; None for what is."""
    try:
        read_json(body, LARGEST_BODY, deepest=12)
    except TooBig as refusal:
        return 413, refusal.sentence
    except Refusal as refusal:
        return 400, refusal.sentence
    return None


async def _read(receive: Receive) -> bytes:
    """The body, and one byte more than is allowed at most."""
    body = b""
    while len(body) <= LARGEST_BODY:
        message = await receive()
        body += message.get("body", b"")
        if message["type"] != "http.request" or not message.get("more_body"):
            break
    return body


def _again(body: bytes) -> Receive:
    """What was read already, to be read once more."""
    messages = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> Message:
        if messages:
            return messages.pop()
        # Whoever reads on waits for the caller to hang up, who waits for the answer.
        await asyncio.Event().wait()
        return {"type": "http.disconnect"}

    return receive


async def _refuse(send: Send, status: int, sentence: str, *more: tuple[str, str]) -> None:
    headers = [("Content-Type", "application/json"), *more]
    raw = [(name.lower().encode(), text.encode()) for name, text in headers]
    await send({"type": "http.response.start", "status": status, "headers": raw})
    await send({"type": "http.response.body", "body": _told(sentence)})


def _told(sentence: str) -> bytes:
    """A refusal as JSON-RPC says it, to whichever call it was."""
    return json.dumps({"jsonrpc": "2.0", "id": None, "error": {"code": -32600, "message": str(sentence)}}).encode()


def serve(house: House, spend: Spend, host: str, port: int, names: tuple[str, ...]) -> None:
    """Answer assistants at host and port until told to stop."""
    import uvicorn

    uvicorn.run(
        application(house, spend, names), host=host, port=port, log_level="warning", access_log=False, ws="none"
    )
