"""cases that are linked to one are found by it

Revision ID: 0010
Revises: 0009
"""

import sqlalchemy as sa
from alembic import op

revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index('ix_cases_linked_to', 'cases', ['linked_to'], unique=False, postgresql_where=sa.text('linked_to is not null'))


def downgrade() -> None:
    op.drop_index('ix_cases_linked_to', table_name='cases', postgresql_where=sa.text('linked_to is not null'))
