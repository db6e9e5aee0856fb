"""Posting: JSON sent to a hook over https, and nowhere it should not go."""

from __future__ import annotations

import http.client
import ipaddress
import json
import socket
import ssl
import threading
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import SplitResult, urlsplit

from app.channels.message import Outcome
from app.values.addresses import web_address
from app.values.errors import Invalid
from app.values.words import say

PATIENCE_S = 10.0
"""Seconds for each step."""

WHOLE_S = 10.0
"""Seconds for all of it, however slowly the other side speaks."""

LARGEST = 64 * 1024
"""Bytes that are posted at most. Of an answer the status is read and nothing else."""

_LATER = frozenset({408, 425, 429})
_ASKING = frozenset({429, 503})
"""Statuses beside which Retry-After is read."""

_DIGITS = 12


@dataclass(frozen=True)
class Post:
    """How hooks are reached: `allowed` names the hosts that may lie in private networks."""

    allowed: Collection[str] = ()
    tls: ssl.SSLContext = field(default_factory=ssl.create_default_context)
    patience: float = PATIENCE_S
    whole: float = WHOLE_S

    def send(self, address: str, said: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> Outcome:
        """Post `said` as JSON."""
        return self.post(address, json.dumps(said, ensure_ascii=False).encode(), headers)

    def post(self, address: str, body: bytes, headers: Mapping[str, str] | None = None) -> Outcome:
        """Post JSON as it is. Redirects are not followed; the address that was checked is the one that is reached."""
        try:
            parts = hook_address(address, self.allowed)
            if len(body) > LARGEST:
                raise Invalid(
                    "The message has {size:,} bytes; a hook is posted {most:,}.", size=len(body), most=LARGEST
                )
            found = self._looked_up(parts)
        except Invalid as refused:
            return Outcome("refused", refused.sentence)
        except (OSError, UnicodeError):
            return Outcome("deferred", say("The host {host} cannot be found.", host=_host(address)))
        return self._post(parts, found, body, dict(headers or {}))

    def check(self, address: str, *, look_up: bool = True) -> str:
        """The address, if it may be posted to as far as anybody can tell now. Raises Invalid.

        A host that is not found passes: it is judged again whenever something is posted. Without `look_up` nobody is
        asked, and only an address in numbers is judged.
        """
        parts = hook_address(address, self.allowed)
        with suppress(OSError, UnicodeError):
            self._looked_up(parts, 0 if look_up else socket.AI_NUMERICHOST)
        return address

    def _looked_up(self, parts: SplitResult, flags: int = 0) -> str:
        """The network address to reach. Raises Invalid where any of the host's is not on the open internet."""
        host, port = parts.hostname or "", _port(parts)
        found = [str(each[4][0]) for each in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=flags)]
        if host not in self.allowed and not all(_is_open(each) for each in found):
            raise Invalid("The host {host} is in a private network, which is not reached from here.", host=host)
        return found[0]

    def _post(self, parts: SplitResult, found: str, body: bytes, headers: dict[str, str]) -> Outcome:
        tls = self.tls if parts.scheme == "https" else None
        connection = _Checked(parts.hostname or "", _port(parts), found, tls, self.patience)
        # A step's patience starts anew with every byte; this ends a side that speaks one byte at a time.
        guard = threading.Timer(self.whole, connection.hang_up)
        guard.daemon = True
        handed_over = False
        try:
            guard.start()
            connection.connect()
            target = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
            told = {"Content-Type": "application/json; charset=utf-8", "User-Agent": "Salient", **headers}
            connection.putrequest("POST", target, skip_accept_encoding=True)
            for name, value in (*told.items(), ("Content-Length", str(len(body)))):
                connection.putheader(name, value)
            handed_over = True
            connection.endheaders(body)
            answer = connection.getresponse()
            return _meant(answer.status, parts.hostname or "", _pause(answer))
        except ssl.SSLCertVerificationError:
            return Outcome("deferred", say("The certificate of {host} cannot be trusted.", host=parts.hostname or ""))
        except (OSError, http.client.HTTPException, ValueError):
            if handed_over:
                told_why = say("{host} did not say whether it took the message.", host=parts.hostname or "")
                return Outcome("uncertain", told_why)
            return Outcome("deferred", say("{host} cannot be reached.", host=parts.hostname or ""))
        finally:
            guard.cancel()
            connection.close()


def hook_address(text: str, allowed: Collection[str] = ()) -> SplitResult:
    """The parts of an address that may be posted to: https, without a name and password. Raises Invalid.

    A host that the operator lists may be spoken to in the clear.
    """
    parts = urlsplit(web_address(text))
    is_secure = parts.scheme == "https" or parts.hostname in allowed
    if not is_secure or parts.username is not None or parts.password is not None:
        raise Invalid("A hook is an https:// address without a name and password.")
    return parts


def _port(parts: SplitResult) -> int:
    return parts.port or (443 if parts.scheme == "https" else 80)


def _host(address: str) -> str:
    return urlsplit(address).hostname or ""


def _is_open(text: str) -> bool:
    """Whether a network address lies on the open internet, the one inside another included."""
    address = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        if address in _TRANSLATED:
            return _is_open(str(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)))
        inside = address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1]
        if address not in _GIVEN_OUT or (inside is not None and not _is_open(str(inside))):
            return False
    return address.is_global and not address.is_multicast and address not in _PROTOCOLS


_TRANSLATED = ipaddress.IPv6Network("64:ff9b::/96")
_GIVEN_OUT = ipaddress.IPv6Network("2000::/3")
"""All that IPv6 has for the open internet."""

_PROTOCOLS = ipaddress.IPv4Network("192.0.0.0/24")


class _Checked(http.client.HTTPConnection):
    """A connection to one network address, which with TLS answers for a host by its certificate."""

    def __init__(self, host: str, port: int, address: str, tls: ssl.SSLContext | None, patience: float) -> None:
        super().__init__(host, port, timeout=patience)
        self.default_port = 80 if tls is None else 443
        self.address, self.tls, self.patience = address, tls, patience

    def connect(self) -> None:
        """Reach the address that was checked, not what the name may mean by now."""
        self.sock = socket.create_connection((self.address, self.port), self.patience)
        if self.tls is not None:
            secured = self.tls.wrap_socket(self.sock, server_hostname=self.host, do_handshake_on_connect=False)
            self.sock = secured
            secured.do_handshake()

    def hang_up(self) -> None:
        """End it from another thread."""
        sock = self.sock
        if sock is not None:
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                return


def _pause(answer: http.client.HTTPResponse) -> float:
    """The seconds for which an answer asks to be left alone, as a number or until a moment; 0 for none."""
    said = (answer.getheader("Retry-After") or "").strip() if answer.status in _ASKING else ""
    if said.isascii() and said.isdigit() and len(said) < _DIGITS:
        return float(said)
    try:
        until = parsedate_to_datetime(said)
        return max(0.0, (until.replace(tzinfo=until.tzinfo or UTC) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError, OverflowError):
        return 0.0


def _meant(status: int, host: str, pause_s: float = 0.0) -> Outcome:
    """What an answer means for the message."""
    if 200 <= status < 300:
        return Outcome("sent", status=status)
    told = {"host": host, "status": str(status)}
    if status in _LATER or status >= 500:
        return Outcome("deferred", say("{host} answered {status}: later.", **told), status=status, pause_s=pause_s)
    if 300 <= status < 400:
        sentence = say("{host} has moved ({status}); nothing is sent on.", **told)
    elif status in (404, 410):
        sentence = say("{host} knows no such hook ({status}).", **told)
    else:
        sentence = say("{host} refused the message ({status}).", **told)
    return Outcome("refused", sentence, status=status)
