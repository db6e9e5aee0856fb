"""Embeds: grants and the keys of those who sign."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.models.base import Instant

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """No other site shows anything yet."""
    op.create_table(
        "embed_key",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("creator_id", sa.Integer(), nullable=False),
        sa.Column("public_key", sa.Text(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("revoked_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_embed_key"),
        sa.ForeignKeyConstraint(
            ["creator_id"], ["user_account.id"], name="fk_embed_key_creator_id", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_embed_key_creator_id", "embed_key", ["creator_id"])
    op.create_table(
        "embed_grant",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("creator_id", sa.Integer(), nullable=False),
        sa.Column("acts_as_id", sa.Integer(), nullable=True),
        sa.Column("key_id", sa.String(16), nullable=True),
        sa.Column("view", sa.Text(), nullable=False),
        sa.Column("origins", sa.JSON(), nullable=False),
        sa.Column("capabilities", sa.JSON(), nullable=False),
        sa.Column("locked", sa.JSON(), nullable=False),
        sa.Column("rule", sa.JSON(), nullable=False),
        sa.Column("theme", sa.String(5), nullable=False),
        sa.Column("locale", sa.String(5), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.Column("revoked_at", Instant(), nullable=True),
        sa.Column("seen_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_embed_grant"),
        sa.ForeignKeyConstraint(
            ["creator_id"], ["user_account.id"], name="fk_embed_grant_creator_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["acts_as_id"], ["user_account.id"], name="fk_embed_grant_acts_as_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["key_id"], ["embed_key.id"], name="fk_embed_grant_key_id", ondelete="CASCADE"),
    )
    op.create_index("ix_embed_grant_creator_id", "embed_grant", ["creator_id"])
    op.create_table(
        "embed_assertion",
        sa.Column("key_id", sa.String(16), nullable=False),
        sa.Column("number_hash", sa.String(64), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("key_id", "number_hash", name="pk_embed_assertion"),
        sa.ForeignKeyConstraint(["key_id"], ["embed_key.id"], name="fk_embed_assertion_key_id", ondelete="CASCADE"),
    )
    op.create_index("ix_embed_assertion_expires_at", "embed_assertion", ["expires_at"])


def downgrade() -> None:
    """Other sites show nothing any more."""
    for name in ("embed_assertion", "embed_grant", "embed_key"):
        op.drop_table(name)
