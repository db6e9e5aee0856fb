"""The versions of which customers make which segment."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.models.base import Instant

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A company begins with the segments that are shipped, which are no row."""
    op.create_table(
        "segmentation",
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("author", sa.String(200), nullable=False),
        sa.Column("restored", sa.Integer(), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("version", name="pk_segmentation"),
        sa.ForeignKeyConstraint(
            ["author_id"], ["user_account.id"], name="fk_segmentation_author_id", ondelete="SET NULL"
        ),
    )


def downgrade() -> None:
    """Back to the segments that are shipped."""
    op.drop_table("segmentation")
