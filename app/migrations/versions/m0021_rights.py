"""Kept answers know under which rights they were given; what programs sent knows its money."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Answers of before are told to nobody any more; what was sent before has no totals."""
    op.add_column("kept_answer", sa.Column("rights", sa.String(64), nullable=False, server_default=""))
    for table in ("ingest_batch", "ingest_day"):
        op.add_column(table, sa.Column("totals", sa.JSON(), nullable=False, server_default="{}"))


def downgrade() -> None:
    """Rights and totals are forgotten."""
    for table in ("ingest_day", "ingest_batch"):
        op.drop_column(table, "totals")
    op.drop_column("kept_answer", "rights")
