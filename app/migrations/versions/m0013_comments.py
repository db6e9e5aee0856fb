"""Comments on panels, and who is named in them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.models.base import Instant

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nobody has said anything yet."""
    op.create_table(
        "comment",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("place", sa.String(160), nullable=False),
        sa.Column("view", sa.Text(), nullable=False),
        sa.Column("thread", sa.String(16), nullable=True),
        sa.Column("scope", sa.JSON(), nullable=False),
        sa.Column("masks", sa.JSON(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("author", sa.String(200), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("deleted_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_comment"),
        sa.ForeignKeyConstraint(["thread"], ["comment.id"], name="fk_comment_thread", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["author_id"], ["user_account.id"], name="fk_comment_author_id", ondelete="SET NULL"),
    )
    op.create_index("ix_comment_place", "comment", ["place"])
    op.create_table(
        "comment_mention",
        sa.Column("comment_id", sa.String(16), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("seen_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("comment_id", "user_id", name="pk_comment_mention"),
        sa.ForeignKeyConstraint(
            ["comment_id"], ["comment.id"], name="fk_comment_mention_comment_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name="fk_comment_mention_user_id", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_comment_mention_user_id", "comment_mention", ["user_id"])


def downgrade() -> None:
    """Without comments."""
    op.drop_table("comment_mention")
    op.drop_table("comment")
