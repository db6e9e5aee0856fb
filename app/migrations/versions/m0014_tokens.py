"""Tokens of programs; who may make them, have webhooks, send sales in and read who did what."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.models.base import Instant

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_LOOKS = (
    "administrator",
    "executive",
    "director",
    "finance",
    "marketing",
    "regional-lead",
    "team-lead",
    "account-manager",
    "rep",
)
_GIVEN = {
    "tokens": _LOOKS,
    "webhooks": ("administrator", "executive", "director"),
    "ingest": ("administrator",),
    "admin:audit": ("administrator",),
}


def upgrade() -> None:
    """Nobody has a token yet; the new permissions go to the roles that are shipped with them."""
    op.create_table(
        "api_token",
        sa.Column("id", sa.String(12), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.Column("revoked_at", Instant(), nullable=True),
        sa.Column("used_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_api_token"),
        sa.ForeignKeyConstraint(["owner_id"], ["user_account.id"], name="fk_api_token_owner_id", ondelete="CASCADE"),
    )
    op.create_index("ix_api_token_owner_id", "api_token", ["owner_id"])
    _give()


def downgrade() -> None:
    """Without tokens."""
    op.drop_table("api_token")


def _give() -> None:
    """Roles are rows that people may have edited: those that may not look any more are given nothing."""
    role = sa.table("role", sa.column("id"), sa.column("permissions", sa.JSON()), sa.column("epoch"))
    connection = op.get_bind()
    for name, permissions, epoch in connection.execute(sa.select(role.c.id, role.c.permissions, role.c.epoch)).all():
        given = {each for each, roles in _GIVEN.items() if name in roles and "dashboards" in permissions}
        now = given.union(permissions)
        if now != set(permissions):
            changed = {"permissions": sorted(now), "epoch": epoch + 1}
            connection.execute(sa.update(role).where(role.c.id == name).values(**changed))
