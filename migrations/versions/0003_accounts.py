"""accounts, sessions, tokens, substitutes; what officials write is encrypted; deletions

Revision ID: 0003
Revises: 0002
"""

import json

import sqlalchemy as sa
from alembic import op
from flask import current_app
from sqlalchemy.dialects import postgresql

from app.identity.vault import load_vault

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None

# Columns in which officials write in their own words: table, column, whether it may be empty.
SEALED = (
    ('appeals', 'matter', False), ('appeals', 'reasons', False), ('appeals', 'opinion', False),
    ('co_handlers', 'contribution', True), ('evidence', 'text', False), ('extensions', 'reason', False),
    ('extensions', 'explained', False), ('hops', 'duty_clause', True), ('objections', 'words', False),
    ('referrals', 'grounds', False), ('referrals', 'result', True), ('revisits', 'told', True),
    ('task_forms', 'body', False),
)


def convert(table: str, column: str, type_: sa.types.TypeEngine, nullable: bool, change) -> None:
    """Give a column another type, each value changed by a function; in place of the old one, in one transaction."""
    bind = op.get_bind()
    op.add_column(table, sa.Column(f'{column}_new', type_, nullable=True))
    rows = bind.execute(sa.text(f'select ctid, "{column}" from {table} where "{column}" is not null')).all()
    for place, value in rows:
        statement = sa.text(f'update {table} set "{column}_new" = :value where ctid = cast(:place as tid)')
        # Within this transaction nobody else moves a row, and each is moved once: find it by its place before.
        bind.execute(statement.bindparams(sa.bindparam('value', type_=type_)), {'value': change(value), 'place': place})
    op.drop_column(table, column)
    op.alter_column(table, f'{column}_new', new_column_name=column, nullable=nullable)


def seal(table: str, column: str, nullable: bool) -> None:
    def change(value):
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        return load_vault(current_app.extensions['bihuan']['config'].key_file).seal(text, f'{table}.{column}')

    convert(table, column, sa.LargeBinary(), nullable, change)


def unseal(table: str, column: str, nullable: bool) -> None:
    def change(value):
        text = load_vault(current_app.extensions['bihuan']['config'].key_file).open(bytes(value), f'{table}.{column}')
        return json.loads(text) if column == 'body' else text

    convert(table, column, postgresql.JSONB() if column == 'body' else sa.String(), nullable, change)


def upgrade() -> None:
    op.create_table('deletions',
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('key', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('deleted_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('why', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('kind', 'key', name=op.f('pk_deletions'))
    )
    op.create_table('rate_counts',
    sa.Column('key', sa.String(), nullable=False),
    sa.Column('amount', sa.BigInteger(), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('key', name=op.f('pk_rate_counts')),
    prefixes=['UNLOGGED']
    )
    op.create_index(op.f('ix_rate_counts_expires_at'), 'rate_counts', ['expires_at'], unique=False)
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
    op.create_table('data_requests',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('programme', sa.String(), nullable=False),
    sa.Column('reviewer', sa.BigInteger(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('wish', sa.LargeBinary(), nullable=True),
    sa.Column('received_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('received_by', sa.String(), nullable=False),
    sa.Column('due_on', sa.Date(), nullable=False),
    sa.Column('granted', sa.Boolean(), nullable=True),
    sa.Column('result', sa.LargeBinary(), nullable=True),
    sa.Column('answered_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('answered_by', sa.String(), nullable=True),
    sa.CheckConstraint("kind in ('see', 'correct', 'delete')", name=op.f('ck_data_requests_kind')),
    sa.ForeignKeyConstraint(['reviewer'], ['reviewers.id'], name=op.f('fk_data_requests_reviewer_reviewers')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_data_requests'))
    )
    op.create_index('ix_data_requests_open', 'data_requests', ['programme', 'due_on'], unique=False, postgresql_where=sa.text('answered_at is null'))
    op.create_index(op.f('ix_data_requests_reviewer'), 'data_requests', ['reviewer'], unique=False)
    op.create_table('reveals',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('case_id', sa.BigInteger(), nullable=False),
    sa.Column('reviewer', sa.BigInteger(), nullable=False),
    sa.Column('account', sa.String(), nullable=False),
    sa.Column('for_account', sa.String(), nullable=True),
    sa.Column('department', sa.String(), nullable=False),
    sa.Column('post', sa.String(), nullable=False),
    sa.Column('purpose', sa.LargeBinary(), nullable=False),
    sa.Column('seen_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('until', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_reveals_case_id_cases')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_reveals'))
    )
    op.create_index('ix_reveals_account', 'reveals', ['account', 'seen_at'], unique=False)
    op.create_index(op.f('ix_reveals_case_id'), 'reveals', ['case_id'], unique=False)
    op.create_index(op.f('ix_reveals_reviewer'), 'reveals', ['reviewer'], unique=False)
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
    op.create_index('ix_reviews_reviewer', 'reviews', ['reviewer'], unique=False, postgresql_where=sa.text('reviewer is not null'))
    op.create_index('ix_reviews_words', 'reviews', ['served_on'], unique=False, postgresql_where=sa.text('words is not null'))
    op.create_index('ix_service_records_reviewer', 'service_records', ['reviewer'], unique=False, postgresql_where=sa.text('reviewer is not null'))
    op.add_column('tasks', sa.Column('submitted_for', sa.String(), nullable=True))
    op.add_column('tasks', sa.Column('ended_for', sa.String(), nullable=True))
    op.create_index('ix_tasks_department', 'tasks', ['department', 'case_id'], unique=False)
    # The one administrator of old becomes the system administrator; the other two are made at the command line.
    op.execute("update accounts set role = 'system_admin', programme = '', department = '' where role = 'admin'")
    for table, column, nullable in SEALED:
        seal(table, column, nullable)


def downgrade() -> None:
    op.drop_index('ix_tasks_department', table_name='tasks')
    op.drop_column('tasks', 'ended_for')
    op.drop_column('tasks', 'submitted_for')
    op.drop_index('ix_service_records_reviewer', table_name='service_records', postgresql_where=sa.text('reviewer is not null'))
    op.drop_index('ix_reviews_words', table_name='reviews', postgresql_where=sa.text('words is not null'))
    op.drop_index('ix_reviews_reviewer', table_name='reviews', postgresql_where=sa.text('reviewer is not null'))
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
    op.drop_index(op.f('ix_reveals_reviewer'), table_name='reveals')
    op.drop_index(op.f('ix_reveals_case_id'), table_name='reveals')
    op.drop_index('ix_reveals_account', table_name='reveals')
    op.drop_table('reveals')
    op.drop_index(op.f('ix_data_requests_reviewer'), table_name='data_requests')
    op.drop_index('ix_data_requests_open', table_name='data_requests', postgresql_where=sa.text('answered_at is null'))
    op.drop_table('data_requests')
    op.drop_table('tokens')
    op.drop_table('sign_in_counts')
    op.drop_index(op.f('ix_rate_counts_expires_at'), table_name='rate_counts')
    op.drop_table('rate_counts')
    op.drop_table('deletions')
    op.execute("update accounts set role = 'admin' where role = 'system_admin'")
    for table, column, nullable in SEALED:
        unseal(table, column, nullable)
