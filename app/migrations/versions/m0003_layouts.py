"""The columns of tables that a person wants to see where a view names none."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Everybody begins with none chosen."""
    with op.batch_alter_table("preference") as table:
        table.add_column(sa.Column("layouts", sa.Text(), nullable=False, server_default=""))


def downgrade() -> None:
    """Back to the columns of everybody."""
    with op.batch_alter_table("preference") as table:
        table.drop_column("layouts")
