"""Posting: JSON sent to a hook over https, and nowhere it should not go."""

from __future__ import annotations

import http.client
import ipaddress
import json
import socket
import ssl
import threading
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import SplitResult, urlsplit

from app.channels.message import SENT, Outcome
from app.values.addresses import web_address
from app.values.errors import Invalid
from app.values.words import say

PATIENCE_S = 10.0
"""Seconds for each step."""

WHOLE_S = 30.0
"""Seconds for all of it, however slowly the other side speaks."""

_LATER = frozenset({408, 425, 429})


@dataclass(frozen=True)
class Post:
    """How hooks are reached: `allowed` names the hosts that may lie in private networks."""

    allowed: Collection[str] = ()
    tls: ssl.SSLContext = field(default_factory=ssl.create_default_context)
    patience: float = PATIENCE_S
    whole: float = WHOLE_S

    def send(self, address: str, said: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> Outcome:
        """Post `said` as JSON. Redirects are not followed; the address that was checked is the one that is reached."""
        try:
            parts = hook_address(address)
            found = self._looked_up(parts)
        except Invalid as refused:
            return Outcome("refused", refused.sentence)
        except OSError:
            return Outcome("deferred", say("The host {host} cannot be found.", host=_host(address)))
        return self._post(parts, found, json.dumps(said, ensure_ascii=False).encode(), dict(headers or {}))

    def _looked_up(self, parts: SplitResult) -> str:
        """The network address to reach. Raises Invalid where any of the host's is not on the open internet."""
        host, port = parts.hostname or "", parts.port or 443
        found = [str(each[4][0]) for each in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
        if host not in self.allowed and not all(_is_open(each) for each in found):
            raise Invalid("The host {host} is in a private network, which is not reached from here.", host=host)
        return found[0]

    def _post(self, parts: SplitResult, found: str, body: bytes, headers: dict[str, str]) -> Outcome:
        connection = _Checked(parts.hostname or "", parts.port or 443, found, self.tls, self.patience)
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
            return _meant(connection.getresponse().status, parts.hostname or "")
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


def hook_address(text: str) -> SplitResult:
    """The parts of an address that may be posted to: https, without a name and password. Raises Invalid."""
    parts = urlsplit(web_address(text))
    if parts.scheme != "https" or parts.username is not None or parts.password is not None:
        raise Invalid("A hook is an https:// address without a name and password.")
    return parts


def _host(address: str) -> str:
    return urlsplit(address).hostname or ""


def _is_open(text: str) -> bool:
    """Whether a network address lies on the open internet, the one inside another included."""
    address = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        inside = address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1]
        if address in _TRANSLATED:
            inside = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inside is not None and not _is_open(str(inside)):
            return False
    return address.is_global and not address.is_multicast


_TRANSLATED = ipaddress.IPv6Network("64:ff9b::/96")


class _Checked(http.client.HTTPSConnection):
    """A connection to one network address that answers for a host by its certificate."""

    def __init__(self, host: str, port: int, address: str, tls: ssl.SSLContext, patience: float) -> None:
        super().__init__(host, port, timeout=patience, context=tls)
        self.address, self.tls, self.patience = address, tls, patience

    def connect(self) -> None:
        """Reach the address that was checked, not what the name may mean by now."""
        plain = socket.create_connection((self.address, self.port), self.patience)
        self.sock = self.tls.wrap_socket(plain, server_hostname=self.host, do_handshake_on_connect=False)
        self.sock.do_handshake()

    def hang_up(self) -> None:
        """End it from another thread."""
        sock = self.sock
        if sock is not None:
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                return


def _meant(status: int, host: str) -> Outcome:
    """What an answer means for the message."""
    if 200 <= status < 300:
        return SENT
    if status in _LATER or status >= 500:
        return Outcome("deferred", say("{host} answered {status}: later.", host=host, status=str(status)))
    if 300 <= status < 400:
        return Outcome(
            "refused", say("{host} has moved ({status}); nothing is sent on.", host=host, status=str(status))
        )
    if status in (404, 410):
        return Outcome("refused", say("{host} knows no such hook ({status}).", host=host, status=str(status)))
    return Outcome("refused", say("{host} refused the message ({status}).", host=host, status=str(status)))
