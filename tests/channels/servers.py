"""Real servers on loopback that behave as told: a mail server, and one that hooks are posted to."""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Literal

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

CERTIFICATE = Path(__file__).with_name("loopback.pem")
"""A key and certificate of localhost that nobody trusts who is not told to."""

Manner = Literal[
    "accept", "delay", "later", "never", "later-data", "never-data", "drop", "drop-taken", "silent", "hang-up", "sender"
]


def speaking_tls() -> ssl.SSLContext:
    """The server's side."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    return context


def trusting() -> ssl.SSLContext:
    """A client that trusts the certificate of localhost."""
    return ssl.create_default_context(cafile=str(CERTIFICATE))


@dataclass
class Postbox:
    """What a mail server took, and how it treats each recipient: by default it accepts.

    "later" and "never" answer 450 and 550 to the recipient, "later-data" and "never-data" 451 and 554 to the message;
    "drop" hangs up after the message without a word and without taking it, "drop-taken" after taking it; "silent"
    takes it and says nothing; "hang-up" takes it, says so and leaves; "sender" answers 550 to the sender.
    """

    manner: Callable[[str], Manner] = lambda _: "accept"
    delay_s: float = 0.2
    port: int = 0
    taken: list[tuple[str, bytes]] = field(default_factory=list)
    connections: int = 0

    @property
    def messages(self) -> list[EmailMessage]:
        """What was taken, parsed."""
        return [message_from_bytes(content, policy=default) for _, content in self.taken]

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """The sender."""
        if self.manner("") == "sender":
            return "550 5.7.1 we do not relay"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """The recipient."""
        match self.manner(address):
            case "later":
                return "450 4.2.2 mailbox full"
            case "never":
                return "550 5.1.1 no such person"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """The message."""
        (address,) = envelope.rcpt_tos
        line, content = server.transport, envelope.content
        assert isinstance(line, asyncio.Transport)
        assert isinstance(content, bytes)
        manner = self.manner(address)
        if manner == "delay":
            await asyncio.sleep(self.delay_s)
        if manner == "later-data":
            return "451 4.3.0 try again"
        if manner == "never-data":
            return "554 5.7.1 looks like spam"
        if manner != "drop":
            self.taken.append((address, content))
        if manner == "silent":
            await asyncio.sleep(3_600)
        if manner in ("drop", "drop-taken"):
            line.abort()
        if manner == "hang-up":
            asyncio.get_running_loop().call_later(0.05, line.close)
        return "250 OK"


@contextmanager
def mail_server(box: Postbox, *, implicit: bool = False, **given: Any) -> Iterator[Postbox]:
    """A mail server on loopback for as long as the block lasts; `given` goes to aiosmtpd's SMTP."""

    def session() -> SMTP:
        box.connections += 1
        return SMTP(box, hostname="localhost", loop=loop, **given)

    async def close() -> None:
        server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for each in others:
            each.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    tls = speaking_tls() if implicit else None
    made = loop.create_server(session, "127.0.0.1", 0, ssl=tls)
    server = asyncio.run_coroutine_threadsafe(made, loop).result(10)
    box.port = server.sockets[0].getsockname()[1]
    try:
        yield box
    finally:
        asyncio.run_coroutine_threadsafe(close(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


def lets_in(user: str, password: str) -> Callable[..., AuthResult]:
    """An authenticator of one person."""

    def check(server: SMTP, session: Session, envelope: Envelope, mechanism: str, given: Any) -> AuthResult:
        known = isinstance(given, LoginPassword) and (given.login, given.password) == (
            user.encode(),
            password.encode(),
        )
        return AuthResult(success=known, handled=False)

    return check


@contextmanager
def dumb_server() -> Iterator[int]:
    """A port that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield int(listening.getsockname()[1])


@dataclass
class Hook:
    """What was posted to a hook, and what it answers; a status of 0 hangs up instead."""

    status: int = 200
    location: str = ""
    retry_after: str = ""
    port: int = 0
    posted: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    wait: threading.Event | None = None
    bodies: list[bytes] = field(default_factory=list)
    scheme: str = "https"

    @property
    def address(self) -> str:
        """Where to post to."""
        return f"{self.scheme}://localhost:{self.port}/services/T0/B0?key=x"


@contextmanager
def hook_server(hook: Hook, *, tls: bool = True) -> Iterator[Hook]:
    """An https server on loopback for as long as the block lasts; without `tls` one that speaks in the clear."""
    hook.scheme = "https" if tls else "http"

    class Listening(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            hook.paths.append(self.path)
            hook.headers.append(dict(self.headers.items()))
            body = self.rfile.read(int(self.headers["Content-Length"]))
            hook.bodies.append(body)
            hook.posted.append(json.loads(body))
            if hook.wait is not None:
                hook.wait.wait(60)
            if not hook.status:
                self.close_connection = True
                return
            self.send_response(hook.status)
            if hook.location:
                self.send_header("Location", hook.location)
            if hook.retry_after:
                self.send_header("Retry-After", hook.retry_after)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Listening)
    server.daemon_threads = True
    if tls:
        server.socket = speaking_tls().wrap_socket(server.socket, server_side=True)
    hook.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield hook
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)
