"""A receiver on loopback, registered as somebody's webhook, and what is done to have it told something."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from standardwebhooks import Webhook

from app.channels.posting import Post
from app.services import accounts, hooks, views
from app.services.hooks import DeliveryCard, Draft, HookCard
from scheduler.jobs.hooks import Courier
from tests.channels.servers import Hook, trusting
from tests.scheduler.office import Clock, Office

VIEW = "/d/overview?period=2025"


def reaching() -> Post:
    """What reaches the receivers on loopback, and nothing else inside."""
    return Post(allowed=("localhost",), tls=trusting())


@dataclass
class Listener:
    """A receiver of somebody's hook, with what was registered."""

    office: Office
    owner: str
    server: Hook
    card: HookCard
    secret: str
    courier: Courier
    clock: Clock | None = None

    def told(self) -> list[dict[str, Any]]:
        """Bring everything that is due; all that was ever heard."""
        self.courier.work_off()
        return self.server.posted

    def kinds(self) -> list[str]:
        return [each["type"] for each in self.told()]

    def verified(self, at: int = -1, secret: str = "") -> Any:
        """What the stock library says of a message, if its signature holds."""
        return Webhook(secret or self.secret).verify(self.server.bodies[at], self.server.headers[at])

    def log(self) -> list[DeliveryCard]:
        with self.office.house.database.read() as session:
            return hooks.deliveries(session, self.office.viewer(self.owner), self.card.id)

    def kept(self) -> HookCard:
        with self.office.house.database.read() as session:
            return hooks.find(session, self.office.viewer(self.owner), self.card.id)


def register(office: Office, owner: str, address: str, *kinds: str) -> tuple[HookCard, str]:
    """A hook of somebody's."""
    viewer = office.viewer(owner)
    draft = hooks.checked(viewer, Draft("Ours", address, kinds or tuple(hooks.offered(viewer))), reaching())
    with office.house.database.write() as session:
        return hooks.create(session, viewer, draft, office.house.secret)


Listen = Callable[..., Listener]


def share(office: Office, name: str = "Iberia", by: str = "erin", visibility: str = "everyone") -> str:
    """A view that others may use."""
    with office.house.database.write() as session:
        return views.save(session, office.viewer(by), name=name, view=VIEW, visibility=visibility).id


def give_role(office: Office, name: str, role: str) -> None:
    with office.house.database.write() as session:
        accounts.change_rights(session, "cli", f"{name}@salient.example", role=role)


def permit(office: Office, role: str) -> None:
    """Let a role have webhooks, too."""
    with office.house.database.write() as session:
        row = next(each for each in accounts.list_roles(session, "cli") if each.id == role)
        permissions = [*row.permissions, "webhooks"]
        accounts.change_role(session, "cli", role, permissions=permissions, masks=row.masks, scope_kind=row.scope_kind)
