"""What was answered to a request that may come again, and how much programs may ask."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.models.base import Instant

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing has been asked yet."""
    op.create_table(
        "kept_answer",
        sa.Column("principal", sa.String(80), nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("headers", sa.JSON(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("principal", "key", name="pk_kept_answer"),
    )
    op.create_index("ix_kept_answer_at", "kept_answer", ["at"])
    op.create_table(
        "allowance",
        sa.Column("principal", sa.String(80), nullable=False),
        sa.Column("level", sa.Float(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("principal", name="pk_allowance"),
    )
    op.create_index("ix_allowance_at", "allowance", ["at"])


def downgrade() -> None:
    """A request that comes again is a new one."""
    op.drop_table("allowance")
    op.drop_table("kept_answer")
