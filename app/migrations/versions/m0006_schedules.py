"""Schedules, their runs and deliveries, leave for addresses outside, and who wants no more."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.models.base import Instant

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing has been scheduled yet."""
    _schedules()
    _runs()
    _deliveries()
    _leave()


def downgrade() -> None:
    """Without schedules."""
    for table in ("unsubscribed", "outside_grant", "delivery", "schedule_run", "schedule"):
        op.drop_table(table)


def _schedules() -> None:
    op.create_table(
        "schedule",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("subject", sa.String(200), nullable=False),
        sa.Column("views", sa.JSON(), nullable=False),
        sa.Column("formats", sa.JSON(), nullable=False),
        sa.Column("recurrence", sa.String(400), nullable=False),
        sa.Column("zone", sa.String(64), nullable=False),
        sa.Column("condition", sa.JSON(), nullable=False),
        sa.Column("recipients", sa.JSON(), nullable=False),
        sa.Column("channel", sa.String(20), nullable=False),
        sa.Column("paused_at", Instant(), nullable=True),
        sa.Column("pause_reason", sa.Text(), nullable=False),
        sa.Column("next_due", Instant(), nullable=True),
        sa.Column("fingerprints", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.Column("deleted_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_schedule"),
        sa.ForeignKeyConstraint(["owner_id"], ["user_account.id"], name="fk_schedule_owner_id", ondelete="CASCADE"),
    )
    op.create_index("ix_schedule_owner_id", "schedule", ["owner_id"])
    op.create_index("ix_schedule_next_due", "schedule", ["next_due"])


def _runs() -> None:
    op.create_table(
        "schedule_run",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("schedule_id", sa.String(16), nullable=False),
        sa.Column("due_at", Instant(), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("ends_as", sa.String(12), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("is_late", sa.Boolean(), nullable=False),
        sa.Column("is_stale", sa.Boolean(), nullable=False),
        sa.Column("today", sa.Date(), nullable=False),
        sa.Column("views", sa.JSON(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=True),
        sa.Column("audiences", sa.Integer(), nullable=False),
        sa.Column("fingerprints", sa.JSON(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("crashes", sa.Integer(), nullable=False),
        sa.Column("next_try_at", Instant(), nullable=True),
        sa.Column("claimed_by", sa.String(120), nullable=True),
        sa.Column("lease_until", Instant(), nullable=True),
        sa.Column("started_at", Instant(), nullable=True),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_schedule_run"),
        sa.UniqueConstraint("schedule_id", "due_at", name="uq_schedule_run_schedule_id_due_at"),
        sa.ForeignKeyConstraint(
            ["schedule_id"], ["schedule.id"], name="fk_schedule_run_schedule_id", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_schedule_run_state", "schedule_run", ["state"])


def _deliveries() -> None:
    op.create_table(
        "delivery",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("run_id", sa.String(16), nullable=False),
        sa.Column("recipient", sa.String(270), nullable=False),
        sa.Column("channel", sa.String(20), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("address", sa.String(254), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("message_id", sa.String(200), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("repeats", sa.Integer(), nullable=False),
        sa.Column("first_try_at", Instant(), nullable=True),
        sa.Column("next_try_at", Instant(), nullable=True),
        sa.Column("handed_at", Instant(), nullable=True),
        sa.Column("documents", sa.JSON(), nullable=False),
        sa.Column("notice", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_delivery"),
        sa.UniqueConstraint("run_id", "recipient", "channel", name="uq_delivery_run_id_recipient_channel"),
        sa.ForeignKeyConstraint(["run_id"], ["schedule_run.id"], name="fk_delivery_run_id", ondelete="CASCADE"),
    )
    op.create_index("ix_delivery_recipient", "delivery", ["recipient"])
    op.create_index("ix_delivery_state", "delivery", ["state"])


def _leave() -> None:
    op.create_table(
        "outside_grant",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("address", sa.String(254), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("scope", sa.JSON(), nullable=False),
        sa.Column("masks", sa.JSON(), nullable=False),
        sa.Column("granted_by", sa.Integer(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.Column("revoked_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_outside_grant"),
        sa.ForeignKeyConstraint(
            ["granted_by"], ["user_account.id"], name="fk_outside_grant_granted_by", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_outside_grant_address", "outside_grant", ["address"])
    op.create_table(
        "unsubscribed",
        sa.Column("schedule_id", sa.String(16), nullable=False),
        sa.Column("recipient", sa.String(270), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("schedule_id", "recipient", name="pk_unsubscribed"),
        sa.ForeignKeyConstraint(
            ["schedule_id"], ["schedule.id"], name="fk_unsubscribed_schedule_id", ondelete="CASCADE"
        ),
    )
