"""Frames: `/embed/<grant>`, the page that other sites show, its tokens, and the little else that a frame is let to."""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, g, jsonify, render_template, request, send_file
from flask.typing import ResponseReturnValue
from flask_login import UserMixin, current_user

from app.auth import embeds as signed
from app.auth import throttle
from app.auth.embeds import Pass
from app.services import embedding
from app.services.embedding import Frame
from app.values.errors import Invalid, NotFound
from app.values.json_text import read_json
from app.values.viewer import Viewer
from app.values.words import say
from app.web.errors import problem
from app.web.front import FrontDoor
from app.web.pace import Spent

PLACE = "/embed/"
HEADER = "X-Salient-Embed"
"""Carries the token with what a frame asks for by script: such a request is the frame's alone, whatever else it has."""

SCRIPT = f"{PLACE}host.js"
"""What a host's page loads beside the frame."""

Spend = Callable[[str, datetime], Spent]
"""Counts one who comes, by what they are counted as."""

NOT_HERE = say("An embed shows what was granted, and nothing else.")
ALONE = say("This page is made to stand inside of another one.")

_ASKED = frozenset({"/_dash-layout", "/_dash-dependencies", "/stand"})
_SENT = "/_dash-update-component"
_LARGEST = 16 * 1024
_ASSETS = Path(__file__).resolve().parent.parent.parent / "assets"


class FramePrincipal(UserMixin):
    """A frame that was let in, for one request."""

    def __init__(self, viewer: Viewer) -> None:
        self.viewer = viewer
        self.id = viewer.id


def is_frames() -> bool:
    """Whether this request is a frame's, by address or header: no cookie is read for it, and none is set."""
    return request.path.startswith(PLACE) or HEADER in request.headers


def let_in(front: FrontDoor) -> FramePrincipal | None:
    """The frame with the token of this request, if it may show something at this moment."""
    if request.path.startswith(PLACE):
        return None
    given = signed.read(_key(front), request.headers.get(HEADER, ""), front.clock())
    viewer = None if given is None else _viewer(front, given)
    return None if viewer is None else FramePrincipal(viewer)


def is_frame() -> bool:
    """Whether a frame was let in."""
    return isinstance(current_user._get_current_object(), FramePrincipal)


def may(viewer: Viewer) -> bool:
    """Whether a frame may ask what this request asks: what its page asks for by script; files if it may take any."""
    if request.method in {"GET", "HEAD"}:
        is_file = request.path.startswith("/d/") and "." in request.path.rpartition("/")[2]
        return request.path in _ASKED or (is_file and viewer.may("export"))
    return request.method == "POST" and request.path == _SENT


def refusal() -> Response:
    """What every request with a token gets that lets nobody in: the same for all reasons."""
    answer = jsonify(type="about:blank", title=embedding.OVER, status=401, detail=embedding.OVER)
    answer.status_code, answer.mimetype = 401, "application/problem+json"
    return answer


def ticket(front: FrontDoor, given: Pass, until: datetime) -> str:
    """What a preview exchanges for tokens in the place of an assertion; good for five minutes."""
    return signed.issue(_key(front), given, front.clock(), until, signed.PREVIEW)[0]


def pages(front: FrontDoor, page: Callable[[], str], by_address: Spend, by_embed: Spend) -> Blueprint:
    """The page of a grant, its tokens, and the script for hosts. `page()` writes the page of the application.

    `by_address` and `by_embed` count who is let in.
    """
    door = Blueprint("frames", __name__, template_folder="templates")

    @door.get(SCRIPT)
    def script() -> ResponseReturnValue:
        return send_file(_ASSETS / "embed-host.js", mimetype="text/javascript", conditional=True)

    @door.get(f"{PLACE}<grant>")
    @door.get(f"{PLACE}<grant>/<path:rest>")
    def show(grant: str, rest: str = "") -> ResponseReturnValue:  # noqa: ARG001
        return _page(front, grant, page)

    @door.post(f"{PLACE}<grant>/token")
    def exchange(grant: str) -> ResponseReturnValue:
        return _exchanged(front, grant, {f"frames from {_address()}": by_address, f"frames of {grant}": by_embed})

    return door


def _page(front: FrontDoor, grant: str, page: Callable[[], str]) -> ResponseReturnValue:
    now = front.clock()
    with front.database.read() as session:
        g.frame_ancestors = _ancestors(embedding.origins(session, grant))
        try:
            frame = embedding.frame(session, grant, now)
        except NotFound as over:
            return render_template("frame.html", sentence=over.sentence), 404
    g.locale = frame.locale or front.terms().locale
    if request.headers.get("Sec-Fetch-Dest") == "document":
        return render_template("frame.html", sentence=ALONE), 403
    # Inside of a script element only "<" could end it.
    told = json.dumps(_told(frame)).replace("<", "\\u003c")
    mine = f'<script type="application/json" id="embed">{told}</script>\n<script src="{_script()}"></script>'
    return Response(page().replace("</script>", f"</script>\n{mine}", 1), mimetype="text/html")


@functools.cache
def _script() -> str:
    """The address of the frame's script, which changes with it."""
    return f"/assets/embed.js?v={hashlib.sha256((_ASSETS / 'embed.js').read_bytes()).hexdigest()[:12]}"


def _ancestors(origins: tuple[str, ...]) -> tuple[str, ...]:
    """The granted origins and no others; our own page, too, where it is itself what brings the frame up."""
    return (*origins, "'self'") if request.headers.get("Sec-Fetch-Site") == "same-origin" else origins


def _told(frame: Frame) -> dict[str, Any]:
    return {
        "grant": frame.grant,
        "place": f"{PLACE}{frame.grant}",
        "view": frame.view,
        "origins": frame.origins,
        "theme": frame.theme,
        "signed": frame.is_signed,
        "can": frame.capabilities,
        "locked": frame.locked,
    }


def _address() -> str:
    return throttle.network_of(request.remote_addr or "unknown")


def _exchanged(front: FrontDoor, grant: str, counted: Mapping[str, Spend]) -> ResponseReturnValue:
    request.max_content_length = _LARGEST
    now = front.clock()
    try:
        proof = _proof()
        # Whoever guesses is refused by reading alone: only what may be let in takes a turn at writing.
        with front.database.read() as session:
            ends = embedding.frame(session, grant, now).expires_at
        for which, spend in counted.items():
            if (spent := spend(which, now)).wait_s:
                return _too_fast(spent)
        given = _admitted(front, grant, proof, now)
    except NotFound as over:
        return problem(404, over.sentence)
    if _viewer(front, given) is None:
        return problem(404, embedding.OVER)
    token, until = signed.issue(_key(front), given, now, ends)
    return jsonify(token=token, lasts=int((until - now).total_seconds()))


def _too_fast(spent: Spent) -> Response:
    refused = problem(429, spent.sentence)
    refused.headers["Retry-After"] = str(spent.wait_s)
    return refused


def _proof() -> dict[str, str]:
    """What the frame sends: nothing, an assertion or a ticket. Raises Invalid."""
    # A form of another site can send no JSON without having asked us.
    sent = read_json(request.get_data(), _LARGEST) if request.is_json else None
    if not isinstance(sent, dict) or not sent.keys() <= {"assertion", "ticket"} or len(sent) > 1:
        raise Invalid("A frame sends nothing, an assertion, or a ticket.")
    if not all(isinstance(value, str) for value in sent.values()):
        raise Invalid("A frame sends nothing, an assertion, or a ticket.")
    return sent


def _admitted(front: FrontDoor, grant: str, proof: dict[str, str], now: datetime) -> Pass:
    """What a frame is let in with. Raises NotFound."""
    if "ticket" in proof:
        given = signed.read(_key(front), proof["ticket"], now, signed.PREVIEW)
        if given is None or given.grant != grant:
            raise NotFound(embedding.OVER)
        return given
    with front.database.write() as session:
        return embedding.admit(session, grant, proof.get("assertion"), now)


def _viewer(front: FrontDoor, given: Pass) -> Viewer | None:
    with front.database.read() as session:
        try:
            return embedding.enter(
                session, given, trees=front.trees, terms=front.terms, now=front.clock(), demo=front.demo
            )
        except NotFound:
            return None


def _key(front: FrontDoor) -> str:
    return front.key_for("embed tokens")
