"""The REST API: what the pages show and do, for other programs, under the same rights."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

import orjson
from flask import Blueprint, Response, current_app, request
from werkzeug.exceptions import HTTPException

from app.assembly import company_mark
from app.cachestores import RedisBuckets
from app.services import allowances
from app.services.allowances import Lease
from app.values.viewer import Viewer
from app.values.words import say
from app.web.api import (
    alert_choices,
    alert_trials,
    alerts,
    audit,
    catalogue,
    comments,
    dashboards,
    deliveries,
    embeds,
    exports,
    ingest,
    me,
    people,
    query,
    report_runs,
    reports,
    schedules,
    views,
    webhooks,
)
from app.web.api.description import describe
from app.web.api.docs import docs
from app.web.api.door import HERE, Door
from app.web.errors import problem
from app.web.pace import Pace, Take

if TYPE_CHECKING:
    from app.assembly import House

RESOURCES = (
    query.add,
    catalogue.add,
    dashboards.add,
    me.add,
    views.add,
    exports.add,
    reports.add,
    report_runs.add,
    schedules.add,
    deliveries.add,
    alerts.add,
    alert_choices.add,
    alert_trials.add,
    comments.add,
    ingest.add,
    people.add,
    audit.add,
    webhooks.add,
    embeds.add,
)
"""Every resource of the API, one line each."""

FRAMES_OF_ONE_EMBED = 10
"""Times as many frames of one embed as of one address: many read it, each from an address of their own."""

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")


def api(
    house: House, current_viewer: Callable[[], Viewer], clock: Callable[[], datetime]
) -> tuple[Blueprint, Blueprint]:
    """Everything under /api/v1, and the page about it.

    Whoever hangs the first up exempts it from the forms' CSRF protection: it looks itself.
    """
    pages = Blueprint("api", __name__, url_prefix=HERE)
    door = Door(house, current_viewer, clock, pages, pace_of(house))
    for add in RESOURCES:
        add(door)
    made: list[bytes] = []
    described: list[dict[str, Any]] = []

    def told() -> dict[str, Any]:
        if not described:
            described.append(describe(current_app, door))
        return described[0]

    @pages.get("/openapi.json", provide_automatic_options=False)
    def document() -> Response:
        if not made:
            made.append(orjson.dumps(told()))
        answer = Response(made[0], mimetype="application/json")
        answer.add_etag()
        answer.make_conditional(request)
        return answer

    @pages.route("/", defaults={"rest": ""}, methods=METHODS, provide_automatic_options=False)
    @pages.route("/<path:rest>", methods=METHODS, provide_automatic_options=False)
    def nothing(rest: str) -> Response:  # noqa: ARG001
        return _otherwise()

    return pages, docs(current_viewer, told, house.settings.origin)


def pace_of(house: House) -> Pace:
    """How fast programs may ask, at this door and at those beside it: all of them count into the same buckets."""
    return Pace(house.settings.api_per_minute, _buckets(house))


def frames_of(house: House) -> tuple[Pace, Pace]:
    """How fast frames may be let in: at one address, and into one embed."""
    most = house.settings.embed_per_minute
    return Pace(most, _buckets(house)), Pace(most * FRAMES_OF_ONE_EMBED, _buckets(house))


def _buckets(house: House) -> Take:
    """Where all processes count: Redis if there is one, and the application database while it does not answer."""
    settings = house.settings
    store = RedisBuckets(settings.redis_url, company_mark(settings)) if settings.redis_url else None

    def take(principal: str, wanted: int, per_minute: int, now: datetime) -> Lease:
        found = None if store is None else store.take(principal, wanted, per_minute)
        if found is not None:
            granted, left = found
            return Lease(granted, left, 0.0 if granted else (1 - left) * 60 / per_minute)
        with house.database.write() as session:
            return allowances.lease(session, principal, wanted, per_minute, now)

    return take


def _otherwise() -> Response:
    """What is left: OPTIONS of an operation, a method it does not take, or no operation at all."""
    allowed = _allowed()
    if not allowed:
        return problem(404, say("There is no such operation: /api/docs lists all of them."))
    answer = (
        Response(status=204)
        if request.method == "OPTIONS"
        else problem(405, say("{names} can be used here.", names=", ".join(allowed)))
    )
    answer.headers["Allow"] = ", ".join((*allowed, "OPTIONS"))
    return answer


def _allowed() -> list[str]:
    """The methods of the operations at this address."""
    adapter = current_app.create_url_adapter(request)
    found = []
    for method in METHODS:
        try:
            endpoint = adapter.match(method=method)[0] if adapter is not None else ""
        except HTTPException:
            continue
        if endpoint not in {"", request.endpoint}:
            found.append(method)
    return found
