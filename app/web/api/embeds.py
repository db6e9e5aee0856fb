"""Embeds: views that pages of other sites show, and the keys that partners' servers sign with."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from app.auth.embeds import RULE_LEVELS
from app.handing import opened, panel_of
from app.services import embed_keys, embeds
from app.services.embed_keys import KeyCard
from app.services.embeds import LONGEST_DAYS, USUAL_DAYS, GrantCard, Wanted
from app.values.errors import NotFound
from app.values.leave import CAPABILITIES
from app.values.view import View
from app.web.api.door import HERE, Answer, Call, Door
from app.web.api.fields import Address, Instant
from app.web.api.fresh import need_fresh_proof
from app.web.api.shapes import Flag, Page, Paged, Sent, Told

SCOPE = "embed"
RIGHTS = frozenset({"rows", "export"})
"""Capabilities that whoever gives them has to have."""

Theme = Literal["auto", "light", "dark"]
Origins = Annotated[
    list[str],
    Field(
        max_length=100,
        description="The sites whose pages may show it, scheme and host.",
        examples=[["https://portal.example.com"]],
    ),
]
Rule = Annotated[
    dict[str, list[str]],
    Field(
        max_length=20,
        description=f"The rows it is about, members by level, never more than yours: {', '.join(RULE_LEVELS)}.",
        examples=[{"customer": ["C0042"]}],
    ),
]
Capabilities = Annotated[
    list[str],
    Field(max_length=20, description=f"What a guest may do besides looking: {', '.join(CAPABILITIES)}."),
]


class Embed(Told):
    """Leave for other sites to show a view. The id is public: it is what `url` ends in, and it grants nothing alone."""

    id: str
    name: str
    url: str = Field(description="What the frame shows.")
    creator: str
    view: Address
    origins: Origins
    capabilities: Capabilities
    locked: list[str] = Field(description="What a guest cannot change of the view.")
    rule: Rule
    acts_as: str = Field(description="The address of a person whose rows bound it, too; empty for nobody.")
    key: str = Field(description="The id of the key that signs for visitors; empty where none is asked for.")
    theme: Theme
    locale: str | None
    created_at: Instant
    expires_at: Instant
    revoked_at: Instant | None
    seen_at: Instant | None = Field(description="When it was shown last.")


class NewEmbed(Sent):
    """A view to be embedded."""

    name: str = Field(max_length=200)
    view: Address
    origins: Origins
    capabilities: Capabilities = Field(default_factory=list)
    locked: list[str] | None = Field(default=None, max_length=50, description="null locks all that narrows the view.")
    rule: Rule = Field(default_factory=dict)
    acts_as: str = Field(default="", max_length=254)
    key: str = Field(default="", max_length=20)
    theme: Theme = "auto"
    locale: str | None = Field(default=None, max_length=20)
    days: int = Field(default=USUAL_DAYS, ge=1, le=LONGEST_DAYS)


class EmbedsAsked(Paged):
    """Which embeds, or keys."""

    ended: Flag = Field(default=False, description="Also those that were taken away or are over.")


class EmbedKey(Told):
    """A key that a partner's server signs assertions with: who a visitor is, and about which rows."""

    id: str
    name: str
    creator: str
    public_key: str
    embeds: int = Field(description="How many embeds ask for it.")
    created_at: Instant
    revoked_at: Instant | None


class NewEmbedKey(Sent):
    """A key to make."""

    name: str = Field(max_length=200)


class EmbedKeyMade(Told):
    """A key with its private half, which is shown this once."""

    key: EmbedKey
    private_key: str = Field(description="PEM.")


def add(door: Door) -> None:
    """/embeds and /embed-keys."""
    _embeds(door)
    _keys(door)


def _embeds(door: Door) -> None:
    @door.operation("GET", "/embeds", scope=SCOPE, query=EmbedsAsked, answers=Page[Embed])
    def index(call: Call) -> Page[Embed]:
        """Your embeds, the latest first; to administrators everybody's."""
        with call.reading() as session:
            found = embeds.listed(session, call.viewer)
        wanted = [each for each in found if call.query.ended or _is_live(call, each)]
        return call.page([_told(call, each) for each in wanted], key=_age, reverse=True)

    @door.operation("POST", "/embeds", scope=SCOPE, takes=NewEmbed, answers=Embed, status=201)
    def create(call: Call) -> Answer:
        """Let pages of other sites show a view.

        They see what you may see at that moment, inside the row rule. Takes a token with the scope “read”, too, and to
        let guests see rows or download files the scope for that.
        """
        for each in ("dashboards", *sorted(RIGHTS & {*call.body.capabilities})):
            call.viewer.require(each)
        wanted = Wanted(**call.body.model_dump())
        view = View.parse(wanted.view)
        found = opened(call.house, call.viewer, view)
        if view.panel is not None:
            panel_of(found, call.viewer, view)
        made = embeds.grant(call.session, call.viewer, wanted, now=call.now)
        return Answer(_told(call, made), headers={"Location": f"{HERE}/embeds/{made.id}"})

    @door.operation("GET", "/embeds/{embed}", scope=SCOPE, answers=Embed)
    def show(call: Call, embed: str) -> Embed:
        """One embed."""
        with call.reading() as session:
            return _told(call, embeds.find(session, call.viewer, embed))

    @door.operation("DELETE", "/embeds/{embed}", scope=SCOPE, status=204)
    def revoke(call: Call, embed: str) -> None:
        """Take an embed away: frames that are open stop with their next request. It stays listed as ended."""
        embeds.revoke(call.session, call.viewer, embed, now=call.now)


def _keys(door: Door) -> None:
    @door.operation("GET", "/embed-keys", scope=SCOPE, query=EmbedsAsked, answers=Page[EmbedKey])
    def index(call: Call) -> Page[EmbedKey]:
        """Your keys, the latest first; to administrators everybody's."""
        with call.reading() as session:
            found = embed_keys.listed(session, call.viewer)
        wanted = [_key(each) for each in found if call.query.ended or each.revoked_at is None]
        return call.page(wanted, key=_age, reverse=True)

    @door.operation(
        "POST", "/embed-keys", scope=SCOPE, takes=NewEmbedKey, answers=EmbedKeyMade, status=201, holds_secret=True
    )
    def create(call: Call) -> Answer:
        """Make a key for a partner's server to sign with. Its private half is told this once, and kept nowhere."""
        need_fresh_proof(call)
        card, private = embed_keys.add(call.session, call.viewer, call.body.name, now=call.now)
        headers = {"Location": f"{HERE}/embed-keys/{card.id}"}
        return Answer(EmbedKeyMade(key=_key(card), private_key=private), headers=headers)

    @door.operation("GET", "/embed-keys/{key}", scope=SCOPE, answers=EmbedKey)
    def show(call: Call, key: str) -> EmbedKey:
        """One key."""
        with call.reading() as session:
            found = next((each for each in embed_keys.listed(session, call.viewer) if each.id == key), None)
        if found is None:
            raise NotFound("There is no such key.")
        return _key(found)

    @door.operation("DELETE", "/embed-keys/{key}", scope=SCOPE, status=204)
    def revoke(call: Call, key: str) -> None:
        """Take a key away: what it signed lets nobody in any more. It stays listed as ended."""
        embed_keys.revoke(call.session, call.viewer, key, now=call.now)


def _age(each: Embed | EmbedKey) -> tuple[str, str]:
    return each.created_at.isoformat(), each.id


def _is_live(call: Call, card: GrantCard) -> bool:
    return card.revoked_at is None and card.expires_at > call.now


def _told(call: Call, card: GrantCard) -> Embed:
    return Embed(
        id=card.id,
        name=card.name,
        url=f"{call.house.settings.origin}/embed/{card.id}",
        creator=card.creator,
        view=card.view,
        origins=list(card.origins),
        capabilities=list(card.capabilities),
        locked=list(card.locked),
        rule={level: list(members) for level, members in card.rule.items()},
        acts_as=card.acts_as,
        key=card.key,
        theme=card.theme,  # type: ignore[arg-type]
        locale=card.locale,
        created_at=card.created_at,
        expires_at=card.expires_at,
        revoked_at=card.revoked_at,
        seen_at=card.seen_at,
    )


def _key(card: KeyCard) -> EmbedKey:
    return EmbedKey(
        id=card.id,
        name=card.name,
        creator=card.creator,
        public_key=card.public_key,
        embeds=card.grants,
        created_at=card.created_at,
        revoked_at=card.revoked_at,
    )
