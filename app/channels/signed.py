"""Signed: what a webhook carries so that its receiver knows whom it is from, as Standard Webhooks write it."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable, Mapping
from datetime import datetime

PREFIX = "whsec_"


def secret_of(master: str, hook_id: str, version: int) -> str:
    """The secret of a hook, "whsec_…": derived from the workspace's own, so that no database holds it."""
    told = f"salient webhook {hook_id} {version}".encode()
    return PREFIX + base64.b64encode(hmac.digest(master.encode(), told, hashlib.sha256)).decode()


def signed(secrets: Iterable[str], message_id: str, at: datetime, body: bytes) -> Mapping[str, str]:
    """The three headers of a message that is posted at an instant, with a signature by each of the secrets."""
    stamp = str(int(at.timestamp()))
    told = b".".join((message_id.encode(), stamp.encode(), body))
    signatures = (hmac.digest(base64.b64decode(each.removeprefix(PREFIX)), told, hashlib.sha256) for each in secrets)
    return {
        "webhook-id": message_id,
        "webhook-timestamp": stamp,
        "webhook-signature": " ".join(f"v1,{base64.b64encode(each).decode()}" for each in signatures),
    }
