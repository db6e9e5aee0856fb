"""Templates of papers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.models.base import Instant

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Papers look as Salient's own until somebody says otherwise."""
    op.create_table(
        "paper_template",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("folded_name", sa.String(400), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("logo", sa.LargeBinary(), nullable=True),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.Column("changed_by", sa.String(200), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_paper_template"),
        sa.UniqueConstraint("folded_name", name="uq_paper_template_folded_name"),
    )
    only = sa.text("is_default")
    op.create_index(
        "uq_paper_template_is_default",
        "paper_template",
        ["is_default"],
        unique=True,
        sqlite_where=only,
        postgresql_where=only,
    )


def downgrade() -> None:
    """Every paper in Salient's own look."""
    op.drop_table("paper_template")
