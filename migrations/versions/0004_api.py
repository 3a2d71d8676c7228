"""keys of acts that happen once; when an open task is due

Revision ID: 0004
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('idempotency_keys',
    sa.Column('account', sa.String(), nullable=False),
    sa.Column('route', sa.String(), nullable=False),
    sa.Column('key', sa.String(), nullable=False),
    sa.Column('digest', sa.String(), nullable=False),
    sa.Column('reply', postgresql.JSONB(astext_type=sa.Text()), nullable=True),
    sa.Column('claimed_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('account', 'route', 'key', name=op.f('pk_idempotency_keys'))
    )

    op.add_column('tasks', sa.Column('programme', sa.String(), nullable=True))
    op.execute("update tasks set programme = c.programme from cases c where c.id = tasks.case_id")
    op.alter_column('tasks', 'programme', nullable=False)
    op.add_column('tasks', sa.Column('due_at', sa.DateTime(timezone=True), nullable=True))
    op.execute(
        "update tasks set due_at = d.due_at from deadlines d "
        "where d.case_id = tasks.case_id and d.element = tasks.element and d.round = tasks.round"
    )
    op.execute("update tasks set due_at = opened_at where due_at is null")
    op.alter_column('tasks', 'due_at', nullable=False)
    op.drop_index('ix_tasks_inbox', table_name='tasks')
    op.create_index('ix_tasks_inbox', 'tasks', ['programme', 'department', 'due_at', 'id'], unique=False,
                    postgresql_where=sa.text("status in ('open', 'submitted')"))


def downgrade() -> None:
    op.drop_index('ix_tasks_inbox', table_name='tasks')
    op.create_index('ix_tasks_inbox', 'tasks', ['department', 'status'], unique=False,
                    postgresql_where=sa.text("status in ('open', 'submitted')"))
    op.drop_column('tasks', 'due_at')
    op.drop_column('tasks', 'programme')
    op.drop_table('idempotency_keys')
