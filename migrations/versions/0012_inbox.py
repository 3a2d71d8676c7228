"""an inbox is counted from its index alone

Revision ID: 0012
Revises: 0011
"""

import sqlalchemy as sa
from alembic import op

revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None

PLACE = ['programme', 'department', 'due_at', 'id']
COUNTED = ['case_id', 'element', 'owner', 'claimed_at', 'status', 'is_provisional', 'in_working_days']
OPEN = sa.text("status in ('open', 'submitted')")


def upgrade() -> None:
    op.drop_index('ix_tasks_inbox', table_name='tasks')
    op.create_index('ix_tasks_inbox', 'tasks', PLACE, postgresql_include=COUNTED, postgresql_where=OPEN)


def downgrade() -> None:
    op.drop_index('ix_tasks_inbox', table_name='tasks')
    op.create_index('ix_tasks_inbox', 'tasks', PLACE, postgresql_where=OPEN)
