"""Headers: what every answer carries, errors too."""

from __future__ import annotations

from flask import Flask, Response, current_app, g, request

from app.web import frames
from app.web.front import FrontDoor

_STATIC = ("/_dash-component-suites/", "/assets/", "/vendor/", "/login.css", "/login.js", frames.SCRIPT)

_ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


_FRAMED = {"Referrer-Policy": "no-referrer", "Cross-Origin-Resource-Policy": "cross-origin"}
"""Of what other sites show: their pages may ask that everything in them agrees to that."""


def send_headers(server: Flask, front: FrontDoor) -> None:
    """Add the security headers, and forbid keeping what is personal."""

    @server.after_request
    def add(response: Response) -> Response:
        is_frame = request.path.startswith(frames.PLACE)
        for name, value in {**_ALWAYS, **(_FRAMED if is_frame else {})}.items():
            response.headers[name] = value
        hashes = current_app.config.get("SALIENT_SCRIPT_HASHES", ())
        response.headers["Content-Security-Policy"] = _policy(hashes, g.get("frame_ancestors") or ("'none'",))
        if front.is_secure:
            response.headers["Strict-Transport-Security"] = "max-age=31536000"
        _cache(response)
        return response


def _policy(script_hashes: tuple[str, ...], ancestors: tuple[str, ...]) -> str:
    return "; ".join(
        (
            "default-src 'self'",
            " ".join(("script-src 'self'", *script_hashes)),
            # Dash and Plotly set styles from scripts.
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            "connect-src 'self'",
            "worker-src 'self' blob:",
            "object-src 'none'",
            "base-uri 'self'",
            "form-action 'self'",
            " ".join(("frame-ancestors", *ancestors)),
        )
    )


def _cache(response: Response) -> None:
    """Fingerprinted files for ever, other files and states of the API after asking, everything else never."""
    is_file = request.path.startswith(_STATIC) and response.mimetype not in {"text/html", "application/json"}
    if is_file and response.status_code in {200, 206, 304}:
        fingerprinted = response.cache_control.max_age == 31_536_000 or request.args.keys() & {"m", "v"}
        response.headers["Cache-Control"] = (
            "public, max-age=31536000, immutable" if fingerprinted else "private, no-cache"
        )
        return
    if request.path.startswith("/api/") and "ETag" in response.headers:
        # A program asks whether what it has still stands; nobody between may keep it.
        response.headers["Cache-Control"] = "private, no-cache"
        return
    response.headers["Cache-Control"] = "no-store"
    for name in ("ETag", "Last-Modified", "Expires"):
        response.headers.pop(name, None)
