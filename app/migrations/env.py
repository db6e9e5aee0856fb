"""How Alembic runs here: on the connection and in the transaction it is handed."""

from alembic import context

from app.models.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    render_as_batch=True,
    transactional_ddl=True,
)
context.run_migrations()
