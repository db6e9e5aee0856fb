"""Ways: the channels of a workspace by name, as its settings have them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from app.channels.mail import Mail
from app.channels.message import Channel
from app.channels.outbox import Outbox
from app.channels.posting import Post
from app.channels.slack import Slack
from app.channels.teams import Teams
from app.channels.webhook import Webhook
from app.config import Settings
from app.values.addresses import MailServer, Sender
from app.values.words import say

TITLES: Mapping[str, str] = {
    "mail": say("E-mail"),
    "slack": "Slack",
    "teams": "Microsoft Teams",
    "webhook": say("Webhook"),
}
"""Channel → what people call it."""


def ways(settings: Settings) -> Mapping[str, Channel]:
    """Every channel by its name; each worker makes its own, because a connection belongs to one thread."""
    post = Post(allowed=settings.hook_hosts)
    return {"mail": mail_of(settings), "slack": Slack(post), "teams": Teams(post), "webhook": Webhook(post)}


def mail_of(settings: Settings) -> Channel:
    """The mail server that is set, or the outbox."""
    sender = sender_of(settings)
    if settings.smtp_url is None:
        return Outbox(outbox_of(settings), sender)
    return Mail(MailServer.parse(settings.smtp_url), sender)


def outbox_of(settings: Settings) -> Path:
    """The folder of the outbox."""
    return settings.home.resolve() / "outbox"


def sender_of(settings: Settings) -> Sender:
    """Whom mails are from: the sender that is set, or Salient at the external address."""
    if settings.mail_from is not None:
        return Sender.parse(settings.mail_from)
    host = urlsplit(settings.external_url or "").hostname or "localhost"
    return Sender(f"salient@{host}", "Salient")
