"""what an inbox is filtered by: who took a task, how its limit counts; words to search by, filters that people keep

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None

OF_RUNNING_LIMIT = """
update tasks set is_provisional = limits.is_provisional,
    in_working_days = coalesce(limits.rule ->> 'limit', limits.rule -> 'later_of' -> 0 ->> 'limit', '') like '%wd'
from deadlines limits
where limits.case_id = tasks.case_id and limits.element = tasks.element and limits.status = 'running' and tasks.ended_at is null
"""


def upgrade() -> None:
    op.add_column('tasks', sa.Column('claimed_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('tasks', sa.Column('is_provisional', sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column('tasks', sa.Column('in_working_days', sa.Boolean(), server_default=sa.true(), nullable=False))
    op.execute(OF_RUNNING_LIMIT)
    op.create_table('case_terms',
    sa.Column('case_id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('terms', sa.ARRAY(sa.BigInteger()), nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_case_terms_case_id_cases')),
    sa.PrimaryKeyConstraint('case_id', name=op.f('pk_case_terms'))
    )
    op.create_index('ix_case_terms_terms', 'case_terms', ['terms'], unique=False, postgresql_using='gin')
    op.create_table('saved_filters',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('account', sa.BigInteger(), nullable=False),
    sa.Column('programme', sa.String(), nullable=False),
    sa.Column('department', sa.String(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('query', sa.String(), nullable=False),
    sa.Column('is_shared', sa.Boolean(), nullable=False),
    sa.Column('saved_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['account'], ['accounts.id'], name=op.f('fk_saved_filters_account_accounts')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_saved_filters')),
    sa.UniqueConstraint('account', 'name', name=op.f('uq_saved_filters_account_name'))
    )
    op.create_index('ix_saved_filters_shared', 'saved_filters', ['programme', 'department'], postgresql_where=sa.text('is_shared'))


def downgrade() -> None:
    op.drop_table('saved_filters')
    op.drop_table('case_terms')
    for column in ('in_working_days', 'is_provisional', 'claimed_at'):
        op.drop_column('tasks', column)
