"""accounts, sessions, tokens, substitutes

Revision ID: 0003
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0003'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('sign_in_counts',
    sa.Column('login', sa.String(), nullable=False),
    sa.Column('source', sa.String(), nullable=False),
    sa.Column('failures', sa.BigInteger(), nullable=False),
    sa.Column('failed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('succeeded_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('login', 'source', name=op.f('pk_sign_in_counts'))
    )
    op.create_table('tokens',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('digest', sa.LargeBinary(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('programme', sa.String(), nullable=False),
    sa.Column('department', sa.String(), nullable=False),
    sa.Column('scopes', sa.ARRAY(sa.String()), nullable=False),
    sa.Column('issued_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('issued_by', sa.String(), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('revoked_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_tokens')),
    sa.UniqueConstraint('digest', name=op.f('uq_tokens_digest'))
    )
    op.create_table('sessions',
    sa.Column('digest', sa.LargeBinary(), nullable=False),
    sa.Column('account_id', sa.BigInteger(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('seen_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_sessions_account_id_accounts')),
    sa.PrimaryKeyConstraint('digest', name=op.f('pk_sessions'))
    )
    op.create_index(op.f('ix_sessions_account_id'), 'sessions', ['account_id'], unique=False)
    op.create_index(op.f('ix_sessions_expires_at'), 'sessions', ['expires_at'], unique=False)
    op.create_table('substitutions',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('absent', sa.BigInteger(), nullable=False),
    sa.Column('substitute', sa.BigInteger(), nullable=False),
    sa.Column('from_on', sa.Date(), nullable=False),
    sa.Column('until_on', sa.Date(), nullable=False),
    sa.Column('is_by_head', sa.Boolean(), nullable=False),
    sa.Column('appointed_by', sa.String(), nullable=False),
    sa.Column('appointed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['absent'], ['accounts.id'], name=op.f('fk_substitutions_absent_accounts')),
    sa.ForeignKeyConstraint(['substitute'], ['accounts.id'], name=op.f('fk_substitutions_substitute_accounts')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_substitutions'))
    )
    op.create_index('ix_substitutions_absent', 'substitutions', ['absent'], unique=False, postgresql_where=sa.text('ended_at is null'))
    op.create_index('ix_substitutions_substitute', 'substitutions', ['substitute'], unique=False, postgresql_where=sa.text('ended_at is null'))
    op.create_index('ix_cases_area', 'cases', ['programme', 'area'], unique=False)
    op.create_index('ix_cases_department', 'cases', ['programme', 'department'], unique=False)
    op.create_index('ix_cases_rated', 'cases', ['programme', 'rated_department', 'rated_staff'], unique=False)
    op.create_index(op.f('ix_co_handlers_department'), 'co_handlers', ['department'], unique=False)
    op.add_column('tasks', sa.Column('submitted_for', sa.String(), nullable=True))
    op.add_column('tasks', sa.Column('ended_for', sa.String(), nullable=True))
    op.create_index('ix_tasks_department', 'tasks', ['department', 'case_id'], unique=False)
    # The one administrator of old becomes the system administrator; the other two are made at the command line.
    op.execute("update accounts set role = 'system_admin', programme = '', department = '' where role = 'admin'")


def downgrade() -> None:
    op.drop_index('ix_tasks_department', table_name='tasks')
    op.drop_column('tasks', 'ended_for')
    op.drop_column('tasks', 'submitted_for')
    op.drop_index(op.f('ix_co_handlers_department'), table_name='co_handlers')
    op.drop_index('ix_cases_rated', table_name='cases')
    op.drop_index('ix_cases_department', table_name='cases')
    op.drop_index('ix_cases_area', table_name='cases')
    op.drop_index('ix_substitutions_substitute', table_name='substitutions', postgresql_where=sa.text('ended_at is null'))
    op.drop_index('ix_substitutions_absent', table_name='substitutions', postgresql_where=sa.text('ended_at is null'))
    op.drop_table('substitutions')
    op.drop_index(op.f('ix_sessions_expires_at'), table_name='sessions')
    op.drop_index(op.f('ix_sessions_account_id'), table_name='sessions')
    op.drop_table('sessions')
    op.drop_table('tokens')
    op.drop_table('sign_in_counts')
    op.execute("update accounts set role = 'admin' where role = 'system_admin'")
