"""Finished files that wait for their owners, and the jobs that make them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.models.base import Instant

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing has been exported in the background yet."""
    op.create_table(
        "document",
        sa.Column("id", sa.String(43), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("media_type", sa.String(100), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("view", sa.Text(), nullable=False),
        sa.Column("format", sa.String(10), nullable=False),
        sa.Column("rights", sa.String(64), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_document"),
        sa.ForeignKeyConstraint(["owner_id"], ["user_account.id"], name="fk_document_owner_id", ondelete="CASCADE"),
    )
    for column in ("owner_id", "sha256", "expires_at"):
        op.create_index(f"ix_document_{column}", "document", [column])
    op.create_table(
        "export_job",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("view", sa.Text(), nullable=False),
        sa.Column("format", sa.String(10), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("progress", sa.Integer(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("sentence", sa.Text(), nullable=False),
        sa.Column("claimed_by", sa.String(120), nullable=True),
        sa.Column("lease_until", Instant(), nullable=True),
        sa.Column("asked_at", Instant(), nullable=False),
        sa.Column("due_at", Instant(), nullable=False),
        sa.Column("started_at", Instant(), nullable=True),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.Column("seen_at", Instant(), nullable=True),
        sa.Column("document_id", sa.String(43), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_export_job"),
        sa.ForeignKeyConstraint(["owner_id"], ["user_account.id"], name="fk_export_job_owner_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["document_id"], ["document.id"], name="fk_export_job_document_id", ondelete="SET NULL"
        ),
    )
    op.create_index("ix_export_job_state_due_at", "export_job", ["state", "due_at"])
    op.create_index("ix_export_job_owner_id_asked_at", "export_job", ["owner_id", "asked_at"])
    op.create_index("ix_export_job_document_id", "export_job", ["document_id"])


def downgrade() -> None:
    """Without documents; the files stay where they are until somebody sweeps."""
    op.drop_table("export_job")
    op.drop_table("document")
