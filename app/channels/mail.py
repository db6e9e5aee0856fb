"""Mail: messages handed to a mail server, one connection for many, and how each handing over ended."""

from __future__ import annotations

import base64
import re
import smtplib
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from app.channels.letter import POLICY, letter, spoken_to
from app.channels.message import SENT, Message, Outcome
from app.values.addresses import MailServer, Sender
from app.values.errors import Refusal
from app.values.words import say

PER_CONNECTION = 100
"""Messages after which a connection is opened anew: many servers stop listening after some."""

LONGEST_REPLY = 200
"""Characters of a server's answer that are told on."""

_LINE_END = re.compile(rb"\r\n|\r|\n")


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass
class Mail:
    """A mail server as a channel.

    The server's certificate is checked against the system's authorities, or those of `tls`. A server that is away,
    does not speak TLS although it must, or does not let us in is "deferred" for everyone. 4xx is "deferred", 5xx
    "refused" for this recipient. A connection lost or silent between the end of the message and the server's word on
    it is "uncertain": nobody can know.
    """

    server: MailServer
    sender: Sender
    tls: ssl.SSLContext = field(default_factory=ssl.create_default_context)
    now: Callable[[], datetime] = _now
    _open: smtplib.SMTP | None = field(default=None, init=False, repr=False)
    _sent: int = field(default=0, init=False, repr=False)

    def send(self, message: Message) -> Outcome:
        """Hand one message over."""
        if self._sent >= PER_CONNECTION:
            self.close()
        reused = self._open is not None
        try:
            return self._send(message)
        except _Stopped as stopped:
            if not (reused and stopped.lost):
                return stopped.outcome
        # The server had hung up on a connection that was idle; of this message it has heard nothing yet.
        try:
            return self._send(message)
        except _Stopped as stopped:
            return stopped.outcome

    def close(self) -> None:
        """Take leave of the server."""
        smtp, self._open, self._sent = self._open, None, 0
        if smtp is None:
            return
        try:
            smtp.quit()
        except (OSError, smtplib.SMTPException):
            smtp.close()

    def _send(self, message: Message) -> Outcome:
        try:
            smtp = self._open or self._connected()
            recipient = spoken_to(message)
            unicode_too = not recipient.isascii()
            if unicode_too and not smtp.has_extn("smtputf8"):
                return Outcome("refused", say("The mail server takes only addresses with plain letters."))
            content = _crossed_out(
                letter(message, self.sender, self.now()).as_bytes(policy=POLICY.clone(utf8=unicode_too))
            )
            most = _most(smtp.esmtp_features.get("size", ""))
            if most and len(content) > most:
                told = {"size": len(content), "most": most}
                return Outcome(
                    "refused", say("The message has {size:,} bytes; the mail server takes {most:,}.", **told)
                )
            refusal = self._introduced(smtp, recipient, len(content), unicode_too)
            return refusal or self._handed_over(smtp, content)
        except Refusal as refused:
            return Outcome("refused", refused.sentence)
        except (OSError, smtplib.SMTPException) as error:
            self._drop()
            raise _Stopped(_away(error), lost=not _is_timeout(error)) from error

    def _connected(self) -> smtplib.SMTP:
        """A connection over which messages may be sent. Raises _Stopped, OSError or SMTPException."""
        server, name = self.server, self.sender.domain
        smtp: smtplib.SMTP
        if server.implicit:
            smtp = smtplib.SMTP_SSL(server.host, server.port, name, timeout=server.patience, context=self.tls)
        else:
            smtp = smtplib.SMTP(server.host, server.port, name, timeout=server.patience)
        self._open, self._sent = smtp, 0
        # A message's last line would wait for the server's word on all before it.
        if smtp.sock is not None:
            smtp.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        smtp.ehlo_or_helo_if_needed()
        if not server.implicit and server.starttls != "none":
            self._secured(smtp)
        if server.user:
            self._let_in(smtp)
        return smtp

    def _secured(self, smtp: smtplib.SMTP) -> None:
        if smtp.has_extn("starttls"):
            smtp.starttls(context=self.tls)
            smtp.ehlo()
        elif self.server.starttls == "required":
            self._stop(say("The mail server offers no encryption (STARTTLS), which is required."))
        elif self.server.password:
            self._stop(say("The mail server offers no encryption (STARTTLS); the password is not sent without."))

    def _let_in(self, smtp: smtplib.SMTP) -> None:
        offered = smtp.esmtp_features.get("auth", "").upper().split()
        user, password = self.server.user, self.server.password
        if "PLAIN" in offered:
            code, reply = smtp.docmd("AUTH", "PLAIN " + _base64("\0".join(("", user, password))))
        elif "LOGIN" in offered:
            code, reply = smtp.docmd("AUTH", "LOGIN")
            for answer in (user, password):
                if code == 334:
                    code, reply = smtp.docmd(_base64(answer))
        else:
            self._stop(say("The mail server offers no way to sign in that Salient knows (PLAIN or LOGIN)."))
        if code not in (235, 503):
            self._stop(say("The mail server did not let us in: {reply}", reply=_told(code, reply)))

    def _introduced(self, smtp: smtplib.SMTP, recipient: str, size: int, unicode_too: bool) -> Outcome | None:
        """Tell sender and recipient; None when the server waits for the message."""
        options = [f"SIZE={size}"] if smtp.has_extn("size") else []
        code, reply = smtp.mail(self.sender.address, [*options, *(["SMTPUTF8"] if unicode_too else [])])
        if code // 100 != 2:
            return self._declined(smtp, code, reply, everyone=code != 552)
        code, reply = smtp.rcpt(recipient)
        if code // 100 != 2:
            return self._declined(smtp, code, reply)
        code, reply = smtp.docmd("DATA")
        return None if code == 354 else self._declined(smtp, code, reply)

    def _handed_over(self, smtp: smtplib.SMTP, content: bytes) -> Outcome:
        # Without its last line a message is not complete: what is lost before was surely not taken.
        smtp.send(content)
        try:
            smtp.send(b".\r\n")
            code, reply = smtp.getreply()
        except (OSError, smtplib.SMTPException):
            code, reply = -1, b""
        if code // 100 == 2:
            self._sent += 1
            return SENT
        if code // 100 in (4, 5):
            return self._declined(smtp, code, reply)
        self._drop()
        reason = say("The mail server fell silent after the message, before it said whether it took it.")
        return Outcome("uncertain", reason)

    def _declined(self, smtp: smtplib.SMTP, code: int, reply: bytes, *, everyone: bool = False) -> Outcome:
        """What the server's no means; the connection is ready for the next message, or closed."""
        told = _told(code, reply)
        if code == 421 or code < 400:
            self._drop()
            raise _Stopped(_deferred(say("The mail server said: {reply}", reply=told)), lost=code == 421)
        self._start_over(smtp)
        if everyone:
            return _deferred(say("The mail server does not take mails from us: {reply}", reply=told))
        reason = say("The mail server said: {reply}", reply=told)
        return Outcome("refused" if code >= 500 else "deferred", reason)

    def _start_over(self, smtp: smtplib.SMTP) -> None:
        try:
            is_ready = smtp.rset()[0] == 250
        except (OSError, smtplib.SMTPException):
            is_ready = False
        if not is_ready:
            self._drop()

    def _stop(self, reason: str) -> None:
        self.close()
        raise _Stopped(_deferred(reason))

    def _drop(self) -> None:
        smtp, self._open, self._sent = self._open, None, 0
        if smtp is not None:
            smtp.close()


class _Stopped(Exception):
    """Nothing was handed over; `lost`: the connection was gone, and another one may do."""

    def __init__(self, outcome: Outcome, *, lost: bool = False) -> None:
        super().__init__(outcome.reason)
        self.outcome, self.lost = outcome, lost


def _deferred(reason: str) -> Outcome:
    return Outcome("deferred", reason, everyone=True)


def _away(error: Exception) -> Outcome:
    match error:
        case ssl.SSLCertVerificationError():
            told = error.verify_message or "unknown"
            return _deferred(say("The mail server's certificate cannot be trusted: {why}.", why=told))
        case ssl.SSLError():
            return _deferred(say("No encrypted connection to the mail server could be made."))
        case _ if _is_timeout(error):
            return _deferred(say("The mail server did not answer in time."))
        case smtplib.SMTPResponseException():
            told = _told(error.smtp_code, error.smtp_error)
            return _deferred(say("The mail server said: {reply}", reply=told))
        case smtplib.SMTPServerDisconnected():
            return _deferred(say("The mail server hung up."))
    return _deferred(say("The mail server cannot be reached."))


def _most(told: str) -> int:
    """The bytes that a server says it takes; 0 where it names no limit."""
    return int(told) if told.isdecimal() else 0


def _is_timeout(error: Exception) -> bool:
    # smtplib tells a timeout as a server that hung up.
    return isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError)


def _told(code: int, reply: bytes | str) -> str:
    text = reply.decode("utf-8", "replace") if isinstance(reply, bytes) else reply
    seen = "".join(each if each.isprintable() else " " for each in f"{code} {text}")
    return " ".join(seen.split())[:LONGEST_REPLY]


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode("ascii")


def _crossed_out(content: bytes) -> bytes:
    """A message whose lines end in CR LF and whose leading dots are doubled, as DATA wants it."""
    lines = _LINE_END.sub(b"\r\n", content)
    if not lines.endswith(b"\r\n"):
        lines += b"\r\n"
    return (b"." + lines if lines.startswith(b".") else lines).replace(b"\r\n.", b"\r\n..")
