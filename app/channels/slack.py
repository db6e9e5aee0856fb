"""Slack: a message into a room, through an incoming webhook."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.channels.message import Message, Outcome
from app.channels.posting import Post
from app.values.words import words

LONGEST_TITLE = 150
LONGEST_TEXT = 3_000
"""What Slack takes."""


@dataclass(frozen=True)
class Slack:
    """Slack as a channel; a message's `to` is the webhook's address."""

    post: Post = field(default_factory=Post)

    def send(self, message: Message) -> Outcome:
        """Post the title, the sentences and the link."""
        return self.post.send(message.to, blocks(message))

    def close(self) -> None:
        """Nothing is open."""


def blocks(message: Message) -> Mapping[str, Any]:
    """What Slack is told. Text is text: names of customers neither call people nor make links."""
    title = {"type": "plain_text", "text": message.subject[:LONGEST_TITLE], "emoji": False}
    told: list[dict[str, Any]] = [{"type": "header", "text": title}]
    if message.sentences:
        said = "\n".join(message.sentences)[:LONGEST_TEXT]
        told.append({"type": "section", "text": {"type": "plain_text", "text": said, "emoji": False}})
    if message.link:
        name = {"type": "plain_text", "text": words(message.locale)("Open in Salient"), "emoji": False}
        told.append({"type": "actions", "elements": [{"type": "button", "text": name, "url": message.link}]})
    return {"text": _plain(message.subject), "blocks": told, "unfurl_links": False, "unfurl_media": False}


def _plain(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
