"""Fresh: what takes the password given just now, when it is a person who asks; a token took it when it was made."""

from __future__ import annotations

from app.values.errors import Forbidden
from app.web.api.door import Call
from app.web.guard import signed_in_now


def need_fresh_proof(call: Call) -> None:
    """Raise Forbidden for a signed-in person who gave the password more than five minutes ago."""
    if call.viewer.kind == "person" and not signed_in_now()[0].is_fresh(call.now):
        raise Forbidden("This needs your password from within the last five minutes: give it at /account/prove.")
