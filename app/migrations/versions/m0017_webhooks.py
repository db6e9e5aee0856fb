"""Webhooks and their deliveries."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.models.base import Instant

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nobody is told anything yet; the ledger is read from its present end on."""
    op.create_table(
        "hook",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("kinds", sa.JSON(), nullable=False),
        sa.Column("secret_version", sa.Integer(), nullable=False),
        sa.Column("previous_until", Instant(), nullable=True),
        sa.Column("since", sa.Integer(), nullable=False),
        sa.Column("off_at", Instant(), nullable=True),
        sa.Column("off_reason", sa.Text(), nullable=False),
        sa.Column("failing_since", Instant(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_hook"),
        sa.ForeignKeyConstraint(["owner_id"], ["user_account.id"], name="fk_hook_owner_id", ondelete="CASCADE"),
    )
    op.create_index("ix_hook_owner_id", "hook", ["owner_id"])
    op.create_table(
        "hook_delivery",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("hook_id", sa.String(16), nullable=False),
        sa.Column("event", sa.String(40), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("message_id", sa.String(64), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("first_try_at", Instant(), nullable=True),
        sa.Column("next_try_at", Instant(), nullable=True),
        sa.Column("lease_until", Instant(), nullable=True),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("rights", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_hook_delivery"),
        sa.ForeignKeyConstraint(["hook_id"], ["hook.id"], name="fk_hook_delivery_hook_id", ondelete="CASCADE"),
        sa.UniqueConstraint("hook_id", "event", name="uq_hook_delivery_hook_id_event"),
    )
    op.create_index("ix_hook_delivery_state_next_try_at", "hook_delivery", ["state", "next_try_at"])
    op.create_index("ix_hook_delivery_hook_id_at", "hook_delivery", ["hook_id", "at"])
    op.create_table(
        "hook_cursor",
        sa.Column("id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_hook_cursor"),
    )
    op.execute("INSERT INTO hook_cursor (id, sequence) SELECT 1, max(sequence) FROM audit_head")
    op.create_table(
        "hook_notice",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("hook_id", sa.String(16), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_try_at", Instant(), nullable=True),
        sa.Column("lease_until", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_hook_notice"),
        sa.ForeignKeyConstraint(["hook_id"], ["hook.id"], name="fk_hook_notice_hook_id", ondelete="CASCADE"),
    )
    op.create_index("ix_hook_notice_hook_id", "hook_notice", ["hook_id"])
    op.create_index("ix_hook_notice_state", "hook_notice", ["state"])


def downgrade() -> None:
    """Without webhooks."""
    for name in ("hook_notice", "hook_cursor", "hook_delivery", "hook"):
        op.drop_table(name)
