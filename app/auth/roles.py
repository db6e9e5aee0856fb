"""The roles as they are shipped; from then on they are rows that administrators may edit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

PERMISSIONS: Mapping[str, str] = MappingProxyType(
    {
        "dashboards": "open dashboards",
        "rows": "see the rows behind a figure",
        "export": "download figures as files",
        "schedule": "have reports sent by schedule",
        "share": "share views with others",
        "embed": "embed dashboards elsewhere and put them on screens",
        "tokens": "make tokens for programs and assistants, which see what you see",
        "webhooks": "have other programs told what happens",
        "ingest": "send sales and master data in",
        "views:default": "choose the view that a role begins with",
        "approve": "approve targets and rates",
        "explain:sql": "see how a figure was computed, in SQL",
        "admin:users": "manage users and roles",
        "admin:settings": "change settings",
        "admin:audit": "read who did what",
    }
)
"""Every permission, and what it lets one do. What is not listed here cannot be given to a role."""

SCOPE_KINDS: Mapping[str, str] = MappingProxyType(
    {
        "everything": "all sales",
        "places": "the sales of your own places",
        "teams": "the sales of your own teams",
        "accounts": "the sales of the accounts you own today, and your own sales",
        "own": "your own sales",
        "nothing": "no sales",
    }
)

MASKS: Mapping[str, str] = MappingProxyType({"cost": "cost and margin", "contact": "customers' contact data"})


@dataclass(frozen=True)
class RoleSeed:
    """A role as shipped."""

    id: str
    title: str
    scope_kind: str
    masks: frozenset[str]
    permissions: frozenset[str]


_LOOK = frozenset({"dashboards", "rows", "export", "tokens"})
_SEND = _LOOK | {"schedule"}
_LEAD = _SEND | {"share"}
_REACH = _LEAD | {"embed", "webhooks"}
_COST, _CONTACT, _OPEN = frozenset({"cost"}), frozenset({"contact"}), frozenset[str]()

SEEDS: tuple[RoleSeed, ...] = (
    RoleSeed("administrator", "Administrator", "everything", _OPEN, frozenset(PERMISSIONS)),
    RoleSeed("executive", "Executive", "everything", _OPEN, _REACH),
    RoleSeed("director", "Sales director", "everything", _OPEN, _REACH | {"approve", "views:default"}),
    RoleSeed("finance", "Finance analyst", "everything", _CONTACT, _SEND | {"explain:sql"}),
    RoleSeed("marketing", "Marketing", "everything", _COST | _CONTACT, _SEND),
    RoleSeed("regional-lead", "Regional lead", "places", _OPEN, _LEAD),
    RoleSeed("team-lead", "Team lead", "teams", _OPEN, _LEAD),
    RoleSeed("account-manager", "Account manager", "accounts", _COST, _LOOK),
    RoleSeed("rep", "Sales rep", "own", _COST, _LOOK),
    RoleSeed("none", "No role", "nothing", _COST | _CONTACT, frozenset()),
)

_ALSO_CALLED = {"sales-director": "director", "finance-analyst": "finance", "admin": "administrator", "": "none"}


def role_id(text: str) -> str:
    """The id that people mean: `role_id("Regional lead") == "regional-lead"`, `role_id("admin") == "administrator"`."""
    name = "-".join(text.casefold().replace("_", " ").replace("-", " ").split())
    return _ALSO_CALLED.get(name, name)
