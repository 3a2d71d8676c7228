"""Runs migrations as the owner of the tables, in one transaction."""

from alembic import context
from flask import current_app
from sqlalchemy import text

from app.db import db
from app.installation import INSTALL_LOCK, database_urls, owner_engine


def is_ours(_object, name, kind, _reflected, _compare_to):
    """Leave out what others own: Procrastinate's tables and the monthly partitions."""
    return not (kind == "table" and name is not None and (name.startswith("procrastinate_") or "_y2" in name))


def run() -> None:
    """Migrate with a lock, so that two installers do not meet."""
    engine = owner_engine(database_urls(current_app.extensions["bihuan"]["config"])[1])
    with engine.connect() as connection:
        connection.execute(text("select pg_advisory_lock(:key)"), {"key": INSTALL_LOCK})
        connection.commit()
        context.configure(
            connection=connection,
            target_metadata=db.metadata,
            include_object=is_ours,
            compare_type=True,
            compare_server_default=True,
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()


run()
