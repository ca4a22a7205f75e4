"""What Alembic runs: it works on the connection and in the transaction that `portal.store.migrate` hands it."""

from alembic import context
from sqlalchemy import Connection

from portal.store.tables import metadata

connection: Connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
