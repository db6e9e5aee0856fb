"""What programs sent in and is not loaded yet."""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from app.models.base import Instant

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing was sent yet."""
    op.create_table(
        "ingest_sheaf",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=True),
        sa.Column("loaded_at", Instant(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_ingest_sheaf"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_ingest_sheaf_state", "ingest_sheaf", ["state"])
    op.create_table(
        "ingest_piece",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sheaf_id", sa.Integer(), nullable=False),
        sa.Column("table", sa.String(30), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_ingest_piece"),
        sa.ForeignKeyConstraint(["sheaf_id"], ["ingest_sheaf.id"], name="fk_ingest_piece_sheaf_id", ondelete="CASCADE"),
    )
    op.create_index("ix_ingest_piece_sheaf_id", "ingest_piece", ["sheaf_id"])
    _batches()
    op.create_table(
        "ingest_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("batches", "rows", "accepted")),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("quarantined", "duplicates")),
        sa.Column("record", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("day", "kind", name="pk_ingest_day"),
    )
    turn = op.create_table(
        "ingest_turn",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("holder", sa.String(120), nullable=False),
        sa.Column("until", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_ingest_turn"),
    )
    op.bulk_insert(turn, [{"id": 1, "holder": "", "until": datetime(2000, 1, 1, tzinfo=UTC)}])


def _batches() -> None:
    op.create_table(
        "ingest_batch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sender", sa.String(80), nullable=False),
        sa.Column("account", sa.Integer(), nullable=True),
        sa.Column("key", sa.String(255), nullable=True),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("received_at", Instant(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("rows", "accepted", "quarantined", "duplicates")),
        sa.Column("faults", sa.JSON(), nullable=False),
        sa.Column("faulty_on", sa.Date(), nullable=True),
        sa.Column("sheaf_id", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_ingest_batch"),
        sa.UniqueConstraint("sender", "key", name="uq_ingest_batch_sender_key"),
        sa.ForeignKeyConstraint(
            ["sheaf_id"], ["ingest_sheaf.id"], name="fk_ingest_batch_sheaf_id", ondelete="SET NULL"
        ),
        sqlite_autoincrement=True,
    )
    for column in ("received_at", "faulty_on", "sheaf_id"):
        op.create_index(f"ix_ingest_batch_{column}", "ingest_batch", [column])


def downgrade() -> None:
    """What waits is lost."""
    for table in ("ingest_turn", "ingest_day", "ingest_batch", "ingest_piece", "ingest_sheaf"):
        op.drop_table(table)
