"""Reports with their versions, and every time they were made, with the files as they were."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.models.base import Instant

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nobody has made a report yet."""
    _reports()
    _instances()


def downgrade() -> None:
    """Without reports."""
    for table in ("report_file", "report_instance", "report_version", "report"):
        op.drop_table(table)


def _reports() -> None:
    op.create_table(
        "report",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("folded_name", sa.String(400), nullable=False),
        sa.Column("visibility", sa.String(10), nullable=False),
        sa.Column("roles", sa.JSON(), nullable=False),
        sa.Column("people", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.Column("deleted_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_report"),
        sa.ForeignKeyConstraint(["owner_id"], ["user_account.id"], name="fk_report_owner_id", ondelete="CASCADE"),
    )
    op.create_index("ix_report_owner_id", "report", ["owner_id"])
    alive = sa.text("deleted_at IS NULL")
    op.create_index(
        "uq_report_owner_id_folded_name",
        "report",
        ["owner_id", "folded_name"],
        unique=True,
        sqlite_where=alive,
        postgresql_where=alive,
    )
    op.create_table(
        "report_version",
        sa.Column("report_id", sa.String(16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("author", sa.String(200), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("report_id", "version", name="pk_report_version"),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name="fk_report_version_report_id", ondelete="CASCADE"),
    )


def _instances() -> None:
    op.create_table(
        "report_instance",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("report_id", sa.String(16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("reader_id", sa.Integer(), nullable=False),
        sa.Column("rights", sa.String(64), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("started_at", Instant(), nullable=False),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.Column("seconds", sa.Integer(), nullable=True),
        sa.Column("views", sa.JSON(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=True),
        sa.Column("data_from", sa.Date(), nullable=True),
        sa.Column("data_to", sa.Date(), nullable=True),
        sa.Column("rows", sa.Integer(), nullable=True),
        sa.Column("summary", sa.JSON(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("distribution", sa.String(10), nullable=False),
        sa.Column("distributed", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_report_instance"),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name="fk_report_instance_report_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["reader_id"], ["user_account.id"], name="fk_report_instance_reader_id", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_report_instance_report_id_started_at", "report_instance", ["report_id", "started_at"])
    for column in ("reader_id", "started_at"):
        op.create_index(f"ix_report_instance_{column}", "report_instance", [column])
    op.create_table(
        "report_file",
        sa.Column("instance_id", sa.String(16), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("media_type", sa.String(100), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("instance_id", "name", name="pk_report_file"),
        sa.ForeignKeyConstraint(
            ["instance_id"], ["report_instance.id"], name="fk_report_file_instance_id", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_report_file_sha256", "report_file", ["sha256"])
