"""A page of another site, on another address of this machine, with frames and a server that signs for visitors."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit


class Host:
    """`page` is what stands at every path but /sign, which answers with `sign(query)`; an empty text is a refusal."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.page = ""
        self.sign: Callable[[str], str] = lambda _: ""

    def shows(self, *frames: str, script: str) -> None:
        """Put frames into the page, and what they say into `heard`."""
        self.page = (
            "<!doctype html><html lang=en><title>Portal</title><meta name=viewport content='width=device-width'>"
            f"{''.join(frames)}<script>window.heard = []; document.querySelectorAll('iframe').forEach((frame, at) => "
            "frame.addEventListener('salient', event => heard.push([at, event.detail])));</script>"
            f"<script src='{script}'></script>"
        )


@contextmanager
def hosting(address: str) -> Iterator[Host]:
    """Another site at this address, for as long as the block lasts."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked = urlsplit(self.path)
            text = host.sign(asked.query) if asked.path == "/sign" else host.page
            self.send_response(200 if text else 403)
            self.send_header("Content-Type", "text/plain" if asked.path == "/sign" else "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_: object) -> None:
            """Nothing is written down."""

    server = ThreadingHTTPServer((address, 0), Handler)
    host = Host(f"http://{address}:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield host
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)
