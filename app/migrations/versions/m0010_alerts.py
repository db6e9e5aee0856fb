"""Alerts, each time they were checked, where their members stand, their history and what was sent."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.models.base import Instant

revision = "0010"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing is watched yet."""
    _alerts()
    _checks()
    _standings()
    _letters()


def downgrade() -> None:
    """Without alerts."""
    for table in ("alert_letter", "alert_event", "alert_standing", "alert_check", "alert"):
        op.drop_table(table)


def _alerts() -> None:
    op.create_table(
        "alert",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("view", sa.Text(), nullable=False),
        sa.Column("rule", sa.JSON(), nullable=False),
        sa.Column("recipients", sa.JSON(), nullable=False),
        sa.Column("recurrence", sa.String(400), nullable=False),
        sa.Column("zone", sa.String(64), nullable=False),
        sa.Column("channel", sa.String(20), nullable=False),
        sa.Column("muted_until", Instant(), nullable=True),
        sa.Column("paused_at", Instant(), nullable=True),
        sa.Column("next_due", Instant(), nullable=True),
        sa.Column("generation", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.Column("deleted_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_alert"),
        sa.ForeignKeyConstraint(["owner_id"], ["user_account.id"], name="fk_alert_owner_id", ondelete="CASCADE"),
    )
    op.create_index("ix_alert_owner_id", "alert", ["owner_id"])
    op.create_index("ix_alert_next_due", "alert", ["next_due"])


def _checks() -> None:
    op.create_table(
        "alert_check",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("alert_id", sa.String(16), nullable=False),
        sa.Column("moment", sa.String(40), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("today", sa.Date(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next_try_at", Instant(), nullable=True),
        sa.Column("claimed_by", sa.String(120), nullable=True),
        sa.Column("lease_until", Instant(), nullable=True),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_alert_check"),
        sa.UniqueConstraint("alert_id", "moment", name="uq_alert_check_alert_id_moment"),
        sa.ForeignKeyConstraint(["alert_id"], ["alert.id"], name="fk_alert_check_alert_id", ondelete="CASCADE"),
    )
    op.create_index("ix_alert_check_alert_id", "alert_check", ["alert_id"])
    op.create_index("ix_alert_check_state", "alert_check", ["state"])


def _standings() -> None:
    op.create_table(
        "alert_standing",
        sa.Column("alert_id", sa.String(16), nullable=False),
        sa.Column("recipient", sa.String(270), nullable=False),
        sa.Column("member", sa.String(200), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("since", Instant(), nullable=False),
        sa.Column("held", sa.Integer(), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("told", sa.Boolean(), nullable=False),
        sa.Column("value", sa.String(60), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("checked_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("alert_id", "recipient", "member", name="pk_alert_standing"),
        sa.ForeignKeyConstraint(["alert_id"], ["alert.id"], name="fk_alert_standing_alert_id", ondelete="CASCADE"),
    )
    op.create_table(
        "alert_event",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("alert_id", sa.String(16), nullable=False),
        sa.Column("check_id", sa.String(16), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("recipient", sa.String(270), nullable=False),
        sa.Column("member", sa.String(200), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("was", sa.String(10), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("value", sa.String(60), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("told", sa.String(10), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_alert_event"),
        sa.ForeignKeyConstraint(["alert_id"], ["alert.id"], name="fk_alert_event_alert_id", ondelete="CASCADE"),
    )
    op.create_index("ix_alert_event_alert_id", "alert_event", ["alert_id"])


def _letters() -> None:
    op.create_table(
        "alert_letter",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("check_id", sa.String(16), nullable=False),
        sa.Column("alert_id", sa.String(16), nullable=False),
        sa.Column("recipient", sa.String(270), nullable=False),
        sa.Column("channel", sa.String(20), nullable=False),
        sa.Column("rights", sa.String(64), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("message_id", sa.String(200), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("address", sa.String(254), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("repeats", sa.Integer(), nullable=False),
        sa.Column("first_try_at", Instant(), nullable=True),
        sa.Column("next_try_at", Instant(), nullable=True),
        sa.Column("lease_until", Instant(), nullable=True),
        sa.Column("handed_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_alert_letter"),
        sa.UniqueConstraint("check_id", "recipient", "channel", name="uq_alert_letter_check_id_recipient_channel"),
        sa.ForeignKeyConstraint(["check_id"], ["alert_check.id"], name="fk_alert_letter_check_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["alert_id"], ["alert.id"], name="fk_alert_letter_alert_id", ondelete="CASCADE"),
    )
    op.create_index("ix_alert_letter_alert_id", "alert_letter", ["alert_id"])
    op.create_index("ix_alert_letter_recipient", "alert_letter", ["recipient"])
    op.create_index("ix_alert_letter_state", "alert_letter", ["state"])
