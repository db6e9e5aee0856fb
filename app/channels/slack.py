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
LONGEST_BUTTON = 75
MOST_BUTTONS = 25
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
    links = [*([(words(message.locale)("Open in Salient"), message.link)] if message.link else []), *message.files]
    if links:
        told.append({"type": "actions", "elements": [_button(*each) for each in links[:MOST_BUTTONS]]})
    return {"text": _plain(message.subject), "blocks": told, "unfurl_links": False, "unfurl_media": False}


def _button(name: str, address: str) -> dict[str, Any]:
    shown = {"type": "plain_text", "text": name[:LONGEST_BUTTON], "emoji": False}
    return {"type": "button", "text": shown, "url": address}


def _plain(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
