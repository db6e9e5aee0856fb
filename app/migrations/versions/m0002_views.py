"""Saved views, permalinks, named sets, displays and preferences; who may choose what a role begins with."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.models.base import Instant

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_ALIVE = sa.text("deleted_at IS NULL")
_CHOOSERS = ("administrator", "director")
_CHOOSE = "views:default"


def upgrade() -> None:
    """Make the tables, and give the new permission to the roles that are shipped with it."""
    _views()
    _uses()
    _links_and_sets()
    _displays()
    _choosers()


def downgrade() -> None:
    """Back to people alone."""
    for name in ("preference", "display", "named_set", "permalink", "view_default", "view_use", "saved_view"):
        op.drop_table(name)


def _shared(table: str) -> tuple[sa.schema.SchemaItem, ...]:
    return (
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("visibility", sa.String(10), nullable=False),
        sa.Column("roles", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        _of_user(table, "owner_id"),
    )


def _of_user(table: str, column: str, ondelete: str = "CASCADE") -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], ["user_account.id"], name=f"fk_{table}_{column}", ondelete=ondelete)


def _of_view(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["view_id"], ["saved_view.id"], name=f"fk_{table}_view_id", ondelete="CASCADE")


def _views() -> None:
    op.create_table(
        "saved_view",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("folded_name", sa.String(400), nullable=False),
        sa.Column("description", sa.String(500), nullable=False),
        sa.Column("dashboard", sa.String(80), nullable=False),
        sa.Column("view", sa.Text(), nullable=False),
        sa.Column("layout", sa.Text(), nullable=False),
        sa.Column("deleted_at", Instant()),
        *_shared("saved_view"),
        sa.PrimaryKeyConstraint("id", name="pk_saved_view"),
    )
    op.create_index("ix_saved_view_owner_id", "saved_view", ["owner_id"])
    op.create_index("ix_saved_view_dashboard", "saved_view", ["dashboard"])
    op.create_index(
        "uq_saved_view_owner_id_folded_name",
        "saved_view",
        ["owner_id", "folded_name"],
        unique=True,
        sqlite_where=_ALIVE,
        postgresql_where=_ALIVE,
    )


def _uses() -> None:
    op.create_table(
        "view_use",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("view_id", sa.String(16), nullable=False),
        sa.Column("pinned_at", Instant()),
        sa.Column("opened_at", Instant()),
        _of_user("view_use", "user_id"),
        _of_view("view_use"),
        sa.PrimaryKeyConstraint("user_id", "view_id", name="pk_view_use"),
    )
    op.create_index("ix_view_use_view_id", "view_use", ["view_id"])
    op.create_table(
        "view_default",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer()),
        sa.Column("role_id", sa.String(40)),
        sa.Column("place", sa.String(80), nullable=False),
        sa.Column("view_id", sa.String(16), nullable=False),
        _of_user("view_default", "user_id"),
        sa.ForeignKeyConstraint(["role_id"], ["role.id"], name="fk_view_default_role_id", ondelete="CASCADE"),
        _of_view("view_default"),
        sa.PrimaryKeyConstraint("id", name="pk_view_default"),
        sa.UniqueConstraint("user_id", "place", name="uq_view_default_user_id_place"),
        sa.UniqueConstraint("role_id", "place", name="uq_view_default_role_id_place"),
    )
    op.create_index("ix_view_default_view_id", "view_default", ["view_id"])


def _links_and_sets() -> None:
    op.create_table(
        "permalink",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("view", sa.Text(), nullable=False),
        sa.Column("maker_id", sa.Integer()),
        sa.Column("created_at", Instant(), nullable=False),
        _of_user("permalink", "maker_id", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name="pk_permalink"),
        sa.UniqueConstraint("digest", name="uq_permalink_digest"),
    )
    op.create_index("ix_permalink_maker_id_created_at", "permalink", ["maker_id", "created_at"])
    op.create_table(
        "named_set",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("description", sa.String(500), nullable=False),
        sa.Column("level", sa.String(40), nullable=False),
        sa.Column("members", sa.JSON(), nullable=False),
        *_shared("named_set"),
        sa.PrimaryKeyConstraint("id", name="pk_named_set"),
        sa.UniqueConstraint("owner_id", "name", name="uq_named_set_owner_id_name"),
    )
    op.create_index("ix_named_set_owner_id", "named_set", ["owner_id"])
    op.create_index("ix_named_set_name", "named_set", ["name"])


def _displays() -> None:
    op.create_table(
        "display",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("creator_id", sa.Integer(), nullable=False),
        sa.Column("view", sa.Text(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.Column("revoked_at", Instant()),
        sa.Column("seen_at", Instant()),
        _of_user("display", "creator_id"),
        sa.PrimaryKeyConstraint("id", name="pk_display"),
        sa.UniqueConstraint("token_hash", name="uq_display_token_hash"),
    )
    op.create_index("ix_display_creator_id", "display", ["creator_id"])
    op.create_table(
        "preference",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("theme", sa.String(10), nullable=False),
        sa.Column("density", sa.String(12), nullable=False),
        sa.Column("click", sa.String(10), nullable=False),
        sa.Column("tour_seen_at", Instant()),
        _of_user("preference", "user_id"),
        sa.PrimaryKeyConstraint("user_id", name="pk_preference"),
    )


def _choosers() -> None:
    """Roles are rows that people may have edited: nothing but the one new word is added."""
    role = sa.table(
        "role", sa.column("id", sa.String), sa.column("permissions", sa.JSON), sa.column("epoch", sa.Integer)
    )
    found = op.get_bind().execute(sa.select(role.c.id, role.c.permissions).where(role.c.id.in_(_CHOOSERS)))
    for name, permissions in found.all():
        op.get_bind().execute(
            sa.update(role)
            .where(role.c.id == name)
            .values(permissions=sorted({*permissions, _CHOOSE}), epoch=role.c.epoch + 1)
        )
