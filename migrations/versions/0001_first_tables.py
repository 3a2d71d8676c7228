"""first tables

Revision ID: 0001
Revises: 
"""

import sqlalchemy as sa
from alembic import op
from procrastinate.schema import SchemaManager
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects import postgresql

revision = '0001'
down_revision = None
branch_labels = None
depends_on = None


# Whoever writes an entry holds this lock, shared, until the end of its transaction; sealing takes
# it alone. So no entry with a smaller id can appear behind a seal.
WAIT_FOR_SEAL = """
create function wait_for_seal() returns trigger language plpgsql as $$
begin
    perform pg_advisory_xact_lock_shared(7233);
    return null;
end $$;
create trigger wait_for_seal before insert on audit_entries for each statement execute function wait_for_seal();
"""

def add_months(table: str, first: int, last: int) -> None:
    """Create a partition a month, and one for everything else."""
    op.execute(f"create table {table}_y2_else partition of {table} default")
    for month in range(12 * first, 12 * (last + 1)):
        starts, ends = (f"{m // 12}-{m % 12 + 1:02d}-01" for m in (month, month + 1))
        name = f"{table}_y{month // 12}m{month % 12 + 1:02d}"
        op.execute(f"create table {name} partition of {table} for values from ('{starts}') to ('{ends}')")


def upgrade() -> None:
    op.create_table('accounts',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('login', sa.String(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('password_hash', sa.String(), nullable=False),
    sa.Column('role', sa.String(), nullable=False),
    sa.Column('programme', sa.String(), nullable=False),
    sa.Column('department', sa.String(), nullable=False),
    sa.Column('staff', sa.String(), nullable=True),
    sa.Column('is_active', sa.Boolean(), server_default='true', nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_accounts')),
    sa.UniqueConstraint('login', name=op.f('uq_accounts_login'))
    )
    op.create_index('ix_accounts_department', 'accounts', ['programme', 'department'], unique=False)
    op.create_table('audit_entries',
    sa.Column('stream', sa.String(), nullable=False),
    sa.Column('seq', sa.BigInteger(), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('occurred_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('actor', sa.String(), nullable=False),
    sa.Column('act', sa.String(), nullable=False),
    sa.Column('payload', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('digest', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('stream', 'seq', name=op.f('pk_audit_entries'))
    )
    op.create_index('ix_audit_entries_id', 'audit_entries', ['id'], unique=True)
    op.create_table('calendar_notices',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('layer', sa.Text(), nullable=False),
    sa.Column('area', sa.Text(), nullable=False),
    sa.Column('year', sa.BigInteger(), nullable=False),
    sa.Column('known_from', sa.Date(), nullable=False),
    sa.Column('source', sa.Text(), nullable=False),
    sa.Column('digest', sa.Text(), nullable=False),
    sa.Column('loaded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('loaded_by', sa.Text(), nullable=False),
    sa.CheckConstraint("digest ~ '^[0-9a-f]{64}$'", name=op.f('ck_calendar_notices_digest_is_sha256')),
    sa.CheckConstraint('known_from between make_date(year::int, 1, 1) and make_date(year::int, 12, 31)', name=op.f('ck_calendar_notices_known_from_in_year')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_calendar_notices'))
    )
    op.create_index('ix_calendar_notices_layer_year', 'calendar_notices', ['layer', 'year', 'id'], unique=False)
    op.create_table('cases',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('number', sa.String(), nullable=False),
    sa.Column('programme', sa.String(), nullable=False),
    sa.Column('served_on', sa.Date(), nullable=False),
    sa.Column('record', sa.String(), nullable=False),
    sa.Column('visit', sa.BigInteger(), nullable=False),
    sa.Column('sequence', sa.BigInteger(), nullable=False),
    sa.Column('channel', sa.String(), nullable=False),
    sa.Column('reviewer', sa.BigInteger(), nullable=True),
    sa.Column('is_anonymous', sa.Boolean(), nullable=False),
    sa.Column('rated_department', sa.String(), nullable=False),
    sa.Column('rated_staff', sa.String(), nullable=True),
    sa.Column('department', sa.String(), nullable=False),
    sa.Column('area', sa.String(), nullable=False),
    sa.Column('status', sa.String(), nullable=False),
    sa.Column('round', sa.BigInteger(), nullable=False),
    sa.Column('outcome', sa.String(), nullable=True),
    sa.Column('received_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('voided_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('linked_to', sa.BigInteger(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_cases')),
    sa.UniqueConstraint('number', name=op.f('uq_cases_number')),
    sa.UniqueConstraint('served_on', 'programme', 'record', 'visit', 'sequence', name=op.f('uq_cases_served_on_programme_record_visit_sequence'))
    )
    op.create_index('ix_cases_matter', 'cases', ['programme', 'record'], unique=False, postgresql_where=sa.text('ended_at is null'))
    op.create_index('ix_cases_reviewer', 'cases', ['programme', 'reviewer'], unique=False, postgresql_where=sa.text('ended_at is null'))
    op.create_index('ix_cases_status', 'cases', ['programme', 'status'], unique=False)
    op.create_table('catalogue_entries',
    sa.Column('programme', sa.String(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('code', sa.String(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('department', sa.String(), nullable=True),
    sa.Column('detail', sa.String(), nullable=True),
    sa.PrimaryKeyConstraint('programme', 'kind', 'code', name=op.f('pk_catalogue_entries'))
    )
    op.create_table('complaints',
    sa.Column('programme', sa.String(), nullable=False),
    sa.Column('number', sa.String(), nullable=False),
    sa.Column('department', sa.String(), nullable=False),
    sa.Column('words', sa.LargeBinary(), nullable=False),
    sa.Column('phone', sa.LargeBinary(), nullable=True),
    sa.Column('received_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('programme', 'number', name=op.f('pk_complaints'))
    )
    op.create_table('departments',
    sa.Column('programme', sa.String(), nullable=False),
    sa.Column('code', sa.String(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('area', sa.String(), nullable=False),
    sa.Column('responsible', sa.String(), nullable=True),
    sa.PrimaryKeyConstraint('programme', 'code', name=op.f('pk_departments'))
    )
    op.create_table('draws',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('programme', sa.String(), nullable=False),
    sa.Column('period', sa.String(), nullable=False),
    sa.Column('opens_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('freezes_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('share', sa.String(), nullable=False),
    sa.Column('commitment', sa.String(), nullable=False),
    sa.Column('committed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('secret', sa.LargeBinary(), nullable=False),
    sa.Column('frozen_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('pool_digest', sa.String(), nullable=True),
    sa.Column('finished_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_draws')),
    sa.UniqueConstraint('programme', 'period', name=op.f('uq_draws_programme_period'))
    )
    op.create_table('job_beats',
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('beat_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('kind', name=op.f('pk_job_beats'))
    )
    op.create_table('outbox',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('key', sa.String(), nullable=False),
    sa.Column('programme', sa.String(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('recipient', sa.String(), nullable=False),
    sa.Column('body', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('not_before', sa.DateTime(timezone=True), nullable=False),
    sa.Column('sent_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('attempts', sa.BigInteger(), server_default='0', nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_outbox')),
    sa.UniqueConstraint('key', name=op.f('uq_outbox_key'))
    )
    op.create_index('ix_outbox_waiting', 'outbox', ['not_before'], unique=False, postgresql_where=sa.text('sent_at is null'))
    op.create_table('programme_versions',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('programme', sa.String(), nullable=False),
    sa.Column('number', sa.BigInteger(), nullable=False),
    sa.Column('digest', sa.String(), nullable=False),
    sa.Column('diagram', sa.LargeBinary(), nullable=False),
    sa.Column('rules', sa.LargeBinary(), nullable=False),
    sa.Column('published_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('published_by', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_programme_versions')),
    sa.UniqueConstraint('programme', 'digest', name=op.f('uq_programme_versions_programme_digest')),
    sa.UniqueConstraint('programme', 'number', name=op.f('uq_programme_versions_programme_number'))
    )
    op.create_table('reviewers',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('programme', sa.String(), nullable=False),
    sa.Column('person_index', sa.String(), nullable=False),
    sa.Column('name', sa.LargeBinary(), nullable=True),
    sa.Column('phone', sa.LargeBinary(), nullable=True),
    sa.Column('certificate', sa.LargeBinary(), nullable=True),
    sa.Column('first_seen_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_reviewers')),
    sa.UniqueConstraint('programme', 'person_index', name=op.f('uq_reviewers_programme_person_index'))
    )
    op.create_table('reviews',
    sa.Column('served_on', sa.Date(), nullable=False),
    sa.Column('programme', sa.String(), nullable=False),
    sa.Column('record', sa.String(), nullable=False),
    sa.Column('visit', sa.BigInteger(), nullable=False),
    sa.Column('sequence', sa.BigInteger(), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('level', sa.BigInteger(), nullable=False),
    sa.Column('reasons', sa.ARRAY(sa.String()), nullable=False),
    sa.Column('words', sa.LargeBinary(), nullable=True),
    sa.Column('channel', sa.String(), nullable=False),
    sa.Column('department', sa.String(), nullable=False),
    sa.Column('staff', sa.String(), nullable=True),
    sa.Column('reviewer', sa.BigInteger(), nullable=True),
    sa.Column('is_anonymous', sa.Boolean(), nullable=False),
    sa.Column('is_default', sa.Boolean(), nullable=False),
    sa.Column('is_late', sa.Boolean(), nullable=False),
    sa.Column('reviewed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('received_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('level between 1 and 5', name=op.f('ck_reviews_level')),
    sa.PrimaryKeyConstraint('served_on', 'programme', 'record', 'visit', 'sequence', name=op.f('pk_reviews')),
    postgresql_partition_by='RANGE (served_on)'
    )
    op.create_index('ix_reviews_id', 'reviews', ['id'], unique=False)
    op.create_index('ix_reviews_record', 'reviews', ['programme', 'record', 'visit'], unique=False)
    op.create_table('seals',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('sealed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('up_to', sa.BigInteger(), nullable=False),
    sa.Column('streams', sa.BigInteger(), nullable=False),
    sa.Column('root', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_seals'))
    )
    op.create_table('service_records',
    sa.Column('served_on', sa.Date(), nullable=False),
    sa.Column('programme', sa.String(), nullable=False),
    sa.Column('record', sa.String(), nullable=False),
    sa.Column('visit', sa.BigInteger(), nullable=False),
    sa.Column('item', sa.String(), nullable=False),
    sa.Column('department', sa.String(), nullable=False),
    sa.Column('window', sa.String(), nullable=True),
    sa.Column('staff', sa.String(), nullable=True),
    sa.Column('channel', sa.String(), nullable=False),
    sa.Column('applicant_kind', sa.String(), nullable=False),
    sa.Column('certificate_kind', sa.String(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('received_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('finished_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('reviewer', sa.BigInteger(), nullable=True),
    sa.Column('imported_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('served_on', 'programme', 'record', 'visit', name=op.f('pk_service_records')),
    postgresql_partition_by='RANGE (served_on)'
    )
    op.create_index('ix_service_records_record', 'service_records', ['programme', 'record', 'visit'], unique=False)
    op.create_table('appeals',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('case_id', sa.BigInteger(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('round', sa.BigInteger(), nullable=False),
    sa.Column('department', sa.String(), nullable=False),
    sa.Column('matter', sa.String(), nullable=False),
    sa.Column('reasons', sa.String(), nullable=False),
    sa.Column('opinion', sa.String(), nullable=False),
    sa.Column('applied_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('applied_by', sa.String(), nullable=False),
    sa.Column('upheld', sa.Boolean(), nullable=True),
    sa.Column('ground', sa.String(), nullable=True),
    sa.Column('ruled_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ruled_by', sa.String(), nullable=True),
    sa.Column('second', sa.String(), nullable=True),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_appeals_case_id_cases')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_appeals'))
    )
    op.create_index('ix_appeals_case_id', 'appeals', ['case_id'], unique=False)
    op.create_table('calendar_days',
    sa.Column('notice_id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('is_off', sa.Boolean(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['notice_id'], ['calendar_notices.id'], name=op.f('fk_calendar_days_notice_id_calendar_notices')),
    sa.PrimaryKeyConstraint('notice_id', 'day', name=op.f('pk_calendar_days'))
    )
    op.create_table('co_handlers',
    sa.Column('case_id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('department', sa.String(), nullable=False),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('contribution', sa.String(), nullable=True),
    sa.Column('contributed_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_co_handlers_case_id_cases')),
    sa.PrimaryKeyConstraint('case_id', 'department', name=op.f('pk_co_handlers'))
    )
    op.create_table('contact_tries',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('case_id', sa.BigInteger(), nullable=False),
    sa.Column('round', sa.BigInteger(), nullable=False),
    sa.Column('element', sa.String(), nullable=False),
    sa.Column('tried_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('method', sa.String(), nullable=False),
    sa.Column('by', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_contact_tries_case_id_cases')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_contact_tries'))
    )
    op.create_index('ix_contact_tries_case_id', 'contact_tries', ['case_id'], unique=False)
    op.create_table('deadlines',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('case_id', sa.BigInteger(), nullable=False),
    sa.Column('element', sa.String(), nullable=False),
    sa.Column('timer', sa.String(), nullable=False),
    sa.Column('round', sa.BigInteger(), nullable=False),
    sa.Column('status', sa.String(), nullable=False),
    sa.Column('rule', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('extensions', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('began_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('last_day', sa.Date(), nullable=False),
    sa.Column('is_provisional', sa.Boolean(), nullable=False),
    sa.Column('calendar_version', sa.BigInteger(), nullable=False),
    sa.Column('moments', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('fired', sa.BigInteger(), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_deadlines_case_id_cases')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_deadlines'))
    )
    op.create_index('ix_deadlines_case_id', 'deadlines', ['case_id'], unique=False)
    op.create_index('ix_deadlines_last_day', 'deadlines', ['last_day'], unique=False, postgresql_where=sa.text("status = 'running'"))
    op.create_table('draw_members',
    sa.Column('draw_id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('case_id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('round', sa.BigInteger(), nullable=False),
    sa.Column('number', sa.String(), nullable=False),
    sa.Column('department', sa.String(), nullable=False),
    sa.Column('position', sa.BigInteger(), nullable=False),
    sa.Column('status', sa.String(), nullable=False),
    sa.Column('replaces', sa.BigInteger(), nullable=True),
    sa.Column('told_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_draw_members_case_id_cases')),
    sa.ForeignKeyConstraint(['draw_id'], ['draws.id'], name=op.f('fk_draw_members_draw_id_draws')),
    sa.PrimaryKeyConstraint('draw_id', 'case_id', name=op.f('pk_draw_members'))
    )
    op.create_index('ix_draw_members_case_id', 'draw_members', ['case_id'], unique=False)
    op.create_table('extensions',
    sa.Column('case_id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('round', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('element', sa.String(), nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.Column('explained', sa.String(), nullable=False),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('asked_by', sa.String(), nullable=False),
    sa.Column('granted', sa.Boolean(), nullable=True),
    sa.Column('limit', sa.String(), nullable=True),
    sa.Column('until', sa.Date(), nullable=True),
    sa.Column('ruled_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ruled_by', sa.String(), nullable=True),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_extensions_case_id_cases')),
    sa.PrimaryKeyConstraint('case_id', 'round', name=op.f('pk_extensions'))
    )
    op.create_table('hops',
    sa.Column('case_id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('number', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('department', sa.String(), nullable=False),
    sa.Column('sent_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('sent_by', sa.String(), nullable=False),
    sa.Column('returned_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('duty_clause', sa.String(), nullable=True),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_hops_case_id_cases')),
    sa.PrimaryKeyConstraint('case_id', 'number', name=op.f('pk_hops'))
    )
    op.create_table('incidents',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('case_id', sa.BigInteger(), nullable=False),
    sa.Column('code', sa.String(), nullable=False),
    sa.Column('message', sa.String(), nullable=False),
    sa.Column('opened_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('resolved_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('resolved_by', sa.String(), nullable=True),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_incidents_case_id_cases')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_incidents'))
    )
    op.create_index('ix_incidents_open', 'incidents', ['case_id'], unique=False, postgresql_where=sa.text('resolved_at is null'))
    op.create_table('instances',
    sa.Column('case_id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.Column('status', sa.String(), nullable=False),
    sa.Column('revision', sa.BigInteger(), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('moved_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('variables', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('state', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('audit_seq', sa.BigInteger(), nullable=False),
    sa.Column('audit_digest', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_instances_case_id_cases')),
    sa.ForeignKeyConstraint(['version'], ['programme_versions.id'], name=op.f('fk_instances_version_programme_versions')),
    sa.PrimaryKeyConstraint('case_id', name=op.f('pk_instances'))
    )
    op.create_index('ix_instances_due_at', 'instances', ['due_at'], unique=False, postgresql_where=sa.text('due_at is not null'))
    op.create_table('objections',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('case_id', sa.BigInteger(), nullable=False),
    sa.Column('words', sa.String(), nullable=False),
    sa.Column('received_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('department', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_objections_case_id_cases')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_objections'))
    )
    op.create_index(op.f('ix_objections_case_id'), 'objections', ['case_id'], unique=False)
    op.create_table('programmes',
    sa.Column('code', sa.String(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['version'], ['programme_versions.id'], name=op.f('fk_programmes_version_programme_versions')),
    sa.PrimaryKeyConstraint('code', name=op.f('pk_programmes'))
    )
    op.create_table('referrals',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('case_id', sa.BigInteger(), nullable=False),
    sa.Column('programme', sa.String(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('grounds', sa.String(), nullable=False),
    sa.Column('referred_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('referred_by', sa.String(), nullable=False),
    sa.Column('result', sa.String(), nullable=True),
    sa.Column('answered_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('answered_by', sa.String(), nullable=True),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_referrals_case_id_cases')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_referrals'))
    )
    op.create_index(op.f('ix_referrals_case_id'), 'referrals', ['case_id'], unique=False)
    op.create_table('revisits',
    sa.Column('case_id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('round', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('called', sa.Boolean(), nullable=False),
    sa.Column('called_on', sa.Date(), nullable=True),
    sa.Column('told', sa.String(), nullable=True),
    sa.Column('result', sa.String(), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('made_by', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_revisits_case_id_cases')),
    sa.PrimaryKeyConstraint('case_id', 'round', name=op.f('pk_revisits'))
    )
    op.create_table('rounds',
    sa.Column('case_id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('number', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('began_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('truth', sa.String(), nullable=True),
    sa.Column('responsibility', sa.String(), nullable=True),
    sa.Column('handling', sa.String(), nullable=True),
    sa.Column('may_be_complex', sa.Boolean(), nullable=False),
    sa.Column('answer', sa.String(), nullable=True),
    sa.Column('answered_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_rounds_case_id_cases')),
    sa.PrimaryKeyConstraint('case_id', 'number', name=op.f('pk_rounds'))
    )
    op.create_table('tasks',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('case_id', sa.BigInteger(), nullable=False),
    sa.Column('element', sa.String(), nullable=False),
    sa.Column('act', sa.String(), nullable=True),
    sa.Column('round', sa.BigInteger(), nullable=False),
    sa.Column('lane', sa.String(), nullable=False),
    sa.Column('department', sa.String(), nullable=False),
    sa.Column('owner', sa.String(), nullable=False),
    sa.Column('status', sa.String(), nullable=False),
    sa.Column('opened_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('submitted_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('submitted_by', sa.String(), nullable=True),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ended_by', sa.String(), nullable=True),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_tasks_case_id_cases')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_tasks'))
    )
    op.create_index('ix_tasks_case_id', 'tasks', ['case_id'], unique=False)
    op.create_index('ix_tasks_inbox', 'tasks', ['department', 'status'], unique=False, postgresql_where=sa.text("status in ('open', 'submitted')"))
    op.create_table('evidence',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('appeal_id', sa.BigInteger(), nullable=False),
    sa.Column('side', sa.String(), nullable=False),
    sa.Column('text', sa.String(), nullable=False),
    sa.Column('added_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('added_by', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['appeal_id'], ['appeals.id'], name=op.f('fk_evidence_appeal_id_appeals')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_evidence'))
    )
    op.create_index('ix_evidence_appeal_id', 'evidence', ['appeal_id'], unique=False)
    op.create_table('firings',
    sa.Column('deadline_id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('position', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('case_id', sa.BigInteger(), nullable=False),
    sa.Column('level', sa.String(), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('fired_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('recipients', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('withdrawn', sa.String(), nullable=True),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_firings_case_id_cases')),
    sa.ForeignKeyConstraint(['deadline_id'], ['deadlines.id'], name=op.f('fk_firings_deadline_id_deadlines')),
    sa.PrimaryKeyConstraint('deadline_id', 'position', name=op.f('pk_firings'))
    )
    op.create_index('ix_firings_case_id', 'firings', ['case_id'], unique=False)
    op.create_table('task_forms',
    sa.Column('task_id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('case_id', sa.BigInteger(), nullable=False),
    sa.Column('element', sa.String(), nullable=False),
    sa.Column('round', sa.BigInteger(), nullable=False),
    sa.Column('body', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('entered_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('entered_by', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_task_forms_case_id_cases')),
    sa.ForeignKeyConstraint(['task_id'], ['tasks.id'], name=op.f('fk_task_forms_task_id_tasks')),
    sa.PrimaryKeyConstraint('task_id', name=op.f('pk_task_forms'))
    )
    op.create_index(op.f('ix_task_forms_case_id'), 'task_forms', ['case_id'], unique=False)
    op.execute(WAIT_FOR_SEAL)
    # The work queue keeps its own tables; its schema comes with the package.
    op.get_bind().connection.driver_connection.execute(SchemaManager.get_schema())
    for table in ('service_records', 'reviews'):
        add_months(table, 2024, 2028)


def downgrade() -> None:
    op.drop_index(op.f('ix_task_forms_case_id'), table_name='task_forms')
    op.drop_table('task_forms')
    op.drop_index('ix_firings_case_id', table_name='firings')
    op.drop_table('firings')
    op.drop_index('ix_evidence_appeal_id', table_name='evidence')
    op.drop_table('evidence')
    op.drop_index('ix_tasks_inbox', table_name='tasks', postgresql_where=sa.text("status in ('open', 'submitted')"))
    op.drop_index('ix_tasks_case_id', table_name='tasks')
    op.drop_table('tasks')
    op.drop_table('rounds')
    op.drop_table('revisits')
    op.drop_index(op.f('ix_referrals_case_id'), table_name='referrals')
    op.drop_table('referrals')
    op.drop_table('programmes')
    op.drop_index(op.f('ix_objections_case_id'), table_name='objections')
    op.drop_table('objections')
    op.drop_index('ix_instances_due_at', table_name='instances', postgresql_where=sa.text('due_at is not null'))
    op.drop_table('instances')
    op.drop_index('ix_incidents_open', table_name='incidents', postgresql_where=sa.text('resolved_at is null'))
    op.drop_table('incidents')
    op.drop_table('hops')
    op.drop_table('extensions')
    op.drop_index('ix_draw_members_case_id', table_name='draw_members')
    op.drop_table('draw_members')
    op.drop_index('ix_deadlines_last_day', table_name='deadlines', postgresql_where=sa.text("status = 'running'"))
    op.drop_index('ix_deadlines_case_id', table_name='deadlines')
    op.drop_table('deadlines')
    op.drop_index('ix_contact_tries_case_id', table_name='contact_tries')
    op.drop_table('contact_tries')
    op.drop_table('co_handlers')
    op.drop_table('calendar_days')
    op.drop_index('ix_appeals_case_id', table_name='appeals')
    op.drop_table('appeals')
    op.drop_index('ix_service_records_record', table_name='service_records')
    op.drop_table('service_records')
    op.drop_table('seals')
    op.drop_index('ix_reviews_record', table_name='reviews')
    op.drop_index('ix_reviews_id', table_name='reviews')
    op.drop_table('reviews')
    op.drop_table('reviewers')
    op.drop_table('programme_versions')
    op.drop_index('ix_outbox_waiting', table_name='outbox', postgresql_where=sa.text('sent_at is null'))
    op.drop_table('outbox')
    op.drop_table('job_beats')
    op.drop_table('draws')
    op.drop_table('departments')
    op.drop_table('complaints')
    op.drop_table('catalogue_entries')
    op.drop_index('ix_cases_status', table_name='cases')
    op.drop_index('ix_cases_reviewer', table_name='cases', postgresql_where=sa.text('ended_at is null'))
    op.drop_index('ix_cases_matter', table_name='cases', postgresql_where=sa.text('ended_at is null'))
    op.drop_table('cases')
    op.drop_index('ix_calendar_notices_layer_year', table_name='calendar_notices')
    op.drop_table('calendar_notices')
    op.drop_index('ix_audit_entries_id', table_name='audit_entries')
    op.drop_table('audit_entries')
    op.drop_index('ix_accounts_department', table_name='accounts')
    op.drop_table('accounts')
