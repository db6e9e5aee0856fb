"""Health: is the process alive, can it answer, and (for those who run it) from which data."""

from __future__ import annotations

import hmac
import logging

from flask import Blueprint, Response, jsonify, request
from flask.typing import ResponseReturnValue

from app.values.errors import Refusal
from app.web.errors import problem
from app.web.front import FrontDoor, Readiness

_LOG = logging.getLogger(__name__)
_LOOPBACK = frozenset({"127.0.0.1", "::1"})
_FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Real-IP", "Via")


def pages(front: FrontDoor) -> Blueprint:
    """/healthz, /readyz and /metrics."""
    health = Blueprint("health", __name__)

    @health.get("/healthz")
    def alive() -> ResponseReturnValue:
        return jsonify(status="ok")

    @health.get("/readyz")
    def ready() -> ResponseReturnValue:
        readiness = _readiness(front)
        answer: dict[str, object] = {"status": "ready" if readiness.is_ready else "not ready"}
        if may_see_details(front):
            answer["details"] = dict(readiness.details)
        return jsonify(answer), 200 if readiness.is_ready else 503

    @health.get("/metrics")
    def metrics() -> ResponseReturnValue:
        if not may_see_details(front):
            return problem(401, "The metrics are for loopback, or for those with the token.")
        return Response(_exposition(_readiness(front)), mimetype="text/plain; version=0.0.4; charset=utf-8")

    return health


def may_see_details(front: FrontDoor) -> bool:
    """Whether the caller runs this: from loopback itself (not through a proxy there), or with the bearer token."""
    if front.metrics_token:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.casefold() == "bearer" and hmac.compare_digest(token.encode(), front.metrics_token.encode()):
            return True
    is_direct = front.trusted_proxies == 0 and not any(name in request.headers for name in _FORWARDED)
    return is_direct and request.remote_addr in _LOOPBACK


def _exposition(readiness: Readiness) -> str:
    """The Prometheus text format: every detail that is a number."""
    numbers: dict[str, float] = {"ready": int(readiness.is_ready)}
    numbers |= {name: value for name, value in readiness.details.items() if isinstance(value, int | float)}
    return "".join(f"# TYPE salient_{name} gauge\nsalient_{name} {value}\n" for name, value in numbers.items())


def _readiness(front: FrontDoor) -> Readiness:
    try:
        return front.readiness()
    except Refusal as refusal:
        return Readiness(False, {"reason": refusal.sentence})
    except Exception:
        # Whatever is wrong with a database, a warehouse or a disk: the answer is "not ready".
        _LOG.exception("readiness could not be found out")
        return Readiness(False)
