"""The program that sends lines one by one: lean, for it runs on the cores of what it measures.

An order on standard input, what became of the lines on standard output.
"""

from __future__ import annotations

import json
import os
import socket
import sys
import threading
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

PER_SECOND = 170
"""Lines one by one: a little more than 10,000 a minute."""

CONNECTIONS = 8
LOOK_S = 0.1


def row(document: str, number: int, day: str) -> dict[str, str]:
    """A sales line of the demo's members."""
    return {
        "document_number": document,
        "line_number": "1",
        "order_date": day,
        "customer": f"C{number % 500}",
        "product": f"P{number % 50}",
        "rep": f"R{number % 20:03}",
        "channel": "Direct",
        "quantity": "2",
        "unit_price": f"{number % 900 + 10}.90",
        "cost": "11.5",
    }


class Line:
    """A connection that is kept: the standard library's reader of headers costs more than what is sent."""

    def __init__(self, address: str, token: str) -> None:
        place = urlsplit(address)
        self._socket = socket.create_connection((place.hostname, place.port), timeout=60)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._head = f" HTTP/1.1\r\nHost: {place.netloc}\r\nAuthorization: Bearer {token}\r\n"

    def ask(self, method: str, path: str, body: str = "") -> dict[str, Any]:
        """What is answered, which is an object with a length. Raises RuntimeError for a refusal."""
        sent = body.encode()
        about = f"Content-Type: application/json\r\nContent-Length: {len(sent)}\r\n" if body else ""
        self._socket.sendall(f"{method} {path}{self._head}{about}\r\n".encode() + sent)
        got = b""
        while b"\r\n\r\n" not in got:
            got += self._more()
        head, _, rest = got.partition(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0])
        while len(rest) < length:
            rest += self._more()
        if head.split(b" ", 2)[1] not in {b"200", b"202"}:
            raise RuntimeError(f"{path} was answered with {head!r}: {rest!r}")
        told: dict[str, Any] = json.loads(rest)
        return told

    def _more(self) -> bytes:
        got = self._socket.recv(65536)
        if not got:
            raise RuntimeError("The server hung up.")
        return got


def at_once(work: Callable[[int], None], count: int) -> None:
    """So many threads, each with its number; returns when all of them are done."""
    threads = [threading.Thread(target=work, args=(at,)) for at in range(count)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()


def main() -> None:
    """Send at a steady pace; of some lines, watch how long it takes until they are seen."""
    order = json.load(sys.stdin)
    stamp, counts, visible = os.urandom(3).hex(), [0] * CONNECTIONS, list[float]()
    watched: list[threading.Thread] = []
    began, spent = time.monotonic(), time.process_time()
    until = began + order["seconds"]

    def send(at: int) -> None:
        line = Line(order["address"], order["token"])
        while (now := time.monotonic()) < until:
            due = began + counts[at] * CONNECTIONS / PER_SECOND
            if due > now:
                time.sleep(due - now)
            body = json.dumps({"rows": [row(f"L{stamp}-{at}-{counts[at]}", counts[at], order["day"])]})
            sent = time.monotonic()
            told = line.ask("POST", "/api/v1/ingest/sales", body)
            counts[at] += 1
            if at == 0 and counts[at] % 20 == 1:
                watched.append(threading.Thread(target=watch, args=(told["id"], sent)))
                watched[-1].start()

    def watch(batch: str, sent: float) -> None:
        line = Line(order["address"], order["token"])
        while line.ask("GET", f"/api/v1/ingest/batches/{batch}")["state"] != "loaded":
            time.sleep(LOOK_S)
        visible.append(time.monotonic() - sent)

    at_once(send, CONNECTIONS)
    seconds, spent = time.monotonic() - began, time.process_time() - spent
    for each in watched:
        each.join()
    print(json.dumps({"lines": sum(counts), "seconds": seconds, "cpu_s": spent, "visible_s": visible}))


if __name__ == "__main__":
    main()
