"""What schedules, alerts and comments learned afterwards: one file of several views, hooks, links, mails, refreshes."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from app.models.base import Instant

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """All that there is goes on as before."""
    with op.batch_alter_table("schedule") as table:
        table.add_column(sa.Column("as_one", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("outside_grant") as table:
        table.add_column(sa.Column("channel", sa.String(20), nullable=False, server_default="mail"))
        table.add_column(sa.Column("hook", sa.Text(), nullable=False, server_default=""))
        table.add_column(sa.Column("link_hours", sa.Integer(), nullable=False, server_default="24"))
    with op.batch_alter_table("preference") as table:
        table.add_column(sa.Column("mention_mails", sa.Boolean(), nullable=False, server_default=sa.true()))
    with op.batch_alter_table("comment_mention") as table:
        table.add_column(sa.Column("letter_id", sa.String(16), nullable=True))
    _links()
    _mentions()
    _refreshes()
    _alerts()


def downgrade() -> None:
    """Without these."""
    for table in ("alert_silence", "alert_left", "source_refresh", "mention_letter", "paper_link"):
        op.drop_table(table)
    for name, columns in (
        ("comment_mention", ("letter_id",)),
        ("preference", ("mention_mails",)),
        ("outside_grant", ("link_hours", "hook", "channel")),
        ("schedule", ("as_one",)),
    ):
        with op.batch_alter_table(name) as changed:
            for column in columns:
                changed.drop_column(column)


def _links() -> None:
    op.create_table(
        "paper_link",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("grant_id", sa.String(16), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("media_type", sa.String(100), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.Column("fetched", sa.Integer(), nullable=False),
        sa.Column("hour", Instant(), nullable=True),
        sa.Column("in_hour", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_paper_link"),
        sa.ForeignKeyConstraint(["grant_id"], ["outside_grant.id"], name="fk_paper_link_grant_id", ondelete="CASCADE"),
    )
    for column in ("grant_id", "sha256", "expires_at"):
        op.create_index(f"ix_paper_link_{column}", "paper_link", [column])


def _mentions() -> None:
    op.create_table(
        "mention_letter",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("thread", sa.String(16), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("repeats", sa.Integer(), nullable=False),
        sa.Column("next_try_at", Instant(), nullable=True),
        sa.Column("lease_until", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_mention_letter"),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name="fk_mention_letter_user_id", ondelete="CASCADE"),
    )
    for column in ("thread", "at", "state"):
        op.create_index(f"ix_mention_letter_{column}", "mention_letter", [column])


def _refreshes() -> None:
    op.create_table(
        "source_refresh",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("mapping", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("recurrence", sa.String(400), nullable=False),
        sa.Column("zone", sa.String(64), nullable=False),
        sa.Column("next_due", Instant(), nullable=True),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("claimed_by", sa.String(120), nullable=True),
        sa.Column("lease_until", Instant(), nullable=True),
        sa.Column("started_at", Instant(), nullable=True),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_source_refresh"),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["user_account.id"], name="fk_source_refresh_owner_id", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_source_refresh_next_due", "source_refresh", ["next_due"])


def _alerts() -> None:
    moments: dict[str, sa.Column[Any]] = {
        "alert_left": sa.Column("at", Instant(), nullable=False),
        "alert_silence": sa.Column("until", Instant(), nullable=False),
    }
    for name, column in moments.items():
        keys = ["alert_id", "recipient", *(["member"] if name == "alert_silence" else [])]
        members = [sa.Column("member", sa.String(200), nullable=False)] if name == "alert_silence" else []
        op.create_table(
            name,
            sa.Column("alert_id", sa.String(16), nullable=False),
            sa.Column("recipient", sa.String(270), nullable=False),
            *members,
            column,
            sa.PrimaryKeyConstraint(*keys, name=f"pk_{name}"),
            sa.ForeignKeyConstraint(["alert_id"], ["alert.id"], name=f"fk_{name}_alert_id", ondelete="CASCADE"),
        )
