"""Teams: a message into a channel of Microsoft Teams, through a workflow's webhook, as an adaptive card."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.channels.message import Message, Outcome
from app.channels.posting import Post
from app.values.words import words


@dataclass(frozen=True)
class Teams:
    """Teams as a channel; a message's `to` is the webhook's address."""

    post: Post = field(default_factory=Post)

    def send(self, message: Message) -> Outcome:
        """Post the title, the sentences and the link."""
        return self.post.send(message.to, card(message))

    def close(self) -> None:
        """Nothing is open."""


def card(message: Message) -> Mapping[str, Any]:
    """What Teams is told. Runs of text, because a card's plain block would read links out of customers' names."""
    body = [_said(message.subject, size="large", weight="bolder"), *(_said(each) for each in message.sentences)]
    content: dict[str, Any] = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "msteams": {"width": "Full"},
        "body": body,
    }
    links = [*([(words(message.locale)("Open in Salient"), message.link)] if message.link else []), *message.files]
    if links:
        content["actions"] = [{"type": "Action.OpenUrl", "title": title, "url": url} for title, url in links]
    kind = "application/vnd.microsoft.card.adaptive"
    return {"type": "message", "attachments": [{"contentType": kind, "contentUrl": None, "content": content}]}


def _said(text: str, **look: str) -> dict[str, Any]:
    return {"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": text, **look}]}
