"""Notes about customers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.models.base import Instant

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nobody has written anything down yet."""
    op.create_table(
        "customer_note",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("customer", sa.String(200), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("author", sa.String(200), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("changed_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_customer_note"),
        sa.ForeignKeyConstraint(
            ["author_id"], ["user_account.id"], name="fk_customer_note_author_id", ondelete="SET NULL"
        ),
    )
    op.create_index("ix_customer_note_customer", "customer_note", ["customer"])


def downgrade() -> None:
    """Without notes."""
    op.drop_table("customer_note")
