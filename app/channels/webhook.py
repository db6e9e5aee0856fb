"""Webhook: a message as plain JSON, for whatever listens."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.channels.message import Message, Outcome
from app.channels.posting import Post

LONGEST_TEXT = 10_000
"""Letters: a hook is posted little."""


@dataclass(frozen=True)
class Webhook:
    """Any https address as a channel; a message's `to` is the address."""

    post: Post = field(default_factory=Post)

    def send(self, message: Message) -> Outcome:
        """Post the message; its name is in a header, too, by which a repeat is known."""
        named = {"X-Salient-Message": message.message_id} if message.message_id else {}
        return self.post.send(message.to, spoken(message), named)

    def close(self) -> None:
        """Nothing is open."""


def spoken(message: Message) -> Mapping[str, Any]:
    """What is posted."""
    return {
        "id": message.message_id,
        "title": message.subject,
        "sentences": list(message.sentences),
        "text": message.text[:LONGEST_TEXT],
        "link": message.link,
        "files": [{"name": name, "url": url} for name, url in message.files],
        "late": message.late,
        "repeat": message.repeat,
    }
