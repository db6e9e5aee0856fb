"""Comments at one point of a panel; and reports made in the background belong to a scheduler for a while."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.models.base import Instant

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What was said until now is about whole panels."""
    for name in ("point_level", "point_key", "point_name"):
        op.add_column("comment", sa.Column(name, sa.String(400), nullable=False, server_default=""))
    op.add_column("report_instance", sa.Column("attempts", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("report_instance", sa.Column("lease_until", Instant(), nullable=True))


def downgrade() -> None:
    """Points are forgotten, what was said about them is not."""
    op.drop_column("report_instance", "lease_until")
    op.drop_column("report_instance", "attempts")
    for name in ("point_name", "point_key", "point_level"):
        op.drop_column("comment", name)
