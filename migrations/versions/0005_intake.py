"""catalogue with levels and validity; marks, corrections and duplicates of reviews; complaints about a service

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('areas',
    sa.Column('programme', sa.String(), nullable=False),
    sa.Column('code', sa.String(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('level', sa.String(), nullable=False),
    sa.Column('parent', sa.String(), nullable=True),
    sa.PrimaryKeyConstraint('programme', 'code', name=op.f('pk_areas'))
    )
    for table in ('departments', 'catalogue_entries'):
        op.add_column(table, sa.Column('valid_from', sa.Date(), nullable=True))
        op.add_column(table, sa.Column('valid_until', sa.Date(), nullable=True))
    op.add_column('departments', sa.Column('successor', sa.String(), nullable=True))
    op.add_column('catalogue_entries', sa.Column('level', sa.String(), nullable=True))
    op.add_column('reviewers', sa.Column('phone_index', sa.String(), nullable=True))
    op.create_index('ix_reviewers_phone', 'reviewers', ['programme', 'phone_index'], unique=False)
    op.add_column('complaints', sa.Column('matter', sa.String(), nullable=True))
    op.add_column('complaints', sa.Column('reviewer', sa.BigInteger(), nullable=True))
    op.add_column('service_records', sa.Column('kind', sa.String(), nullable=True))
    op.add_column('reviews', sa.Column('staff_level', sa.BigInteger(), nullable=True))
    op.create_check_constraint(op.f('ck_reviews_staff_level'), 'reviews', 'staff_level between 1 and 5')
    op.add_column('reviews', sa.Column('window', sa.String(), nullable=True))
    op.add_column('reviews', sa.Column('marks', sa.ARRAY(sa.String()), server_default='{}', nullable=False))
    op.add_column('reviews', sa.Column('typed_by', sa.String(), nullable=True))
    op.add_column('reviews', sa.Column('replaced_at', sa.DateTime(timezone=True), nullable=True))
    op.create_table('uncounted_reviews',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('programme', sa.String(), nullable=False),
    sa.Column('record', sa.String(), nullable=False),
    sa.Column('visit', sa.BigInteger(), nullable=False),
    sa.Column('sequence', sa.BigInteger(), nullable=False),
    sa.Column('level', sa.BigInteger(), nullable=False),
    sa.Column('reasons', sa.ARRAY(sa.String()), nullable=False),
    sa.Column('words', sa.LargeBinary(), nullable=True),
    sa.Column('channel', sa.String(), nullable=False),
    sa.Column('reviewed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('received_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('digest', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_uncounted_reviews')),
    sa.UniqueConstraint('digest', name=op.f('uq_uncounted_reviews_digest'))
    )
    op.create_index('ix_uncounted_reviews_record', 'uncounted_reviews', ['programme', 'record', 'visit'], unique=False)
    op.create_table('rating_corrections',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('programme', sa.String(), nullable=False),
    sa.Column('record', sa.String(), nullable=False),
    sa.Column('visit', sa.BigInteger(), nullable=False),
    sa.Column('sequence', sa.BigInteger(), nullable=False),
    sa.Column('staff_before', sa.String(), nullable=True),
    sa.Column('staff_after', sa.String(), nullable=True),
    sa.Column('window_before', sa.String(), nullable=True),
    sa.Column('window_after', sa.String(), nullable=True),
    sa.Column('reason', sa.String(), nullable=False),
    sa.Column('corrected_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('corrected_by', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_rating_corrections'))
    )
    op.create_index('ix_rating_corrections_record', 'rating_corrections', ['programme', 'record', 'visit', 'sequence'], unique=False)


def downgrade() -> None:
    op.drop_table('rating_corrections')
    op.drop_table('uncounted_reviews')
    op.execute("delete from reviews where sequence = 0")
    op.drop_constraint(op.f('ck_reviews_staff_level'), 'reviews', type_='check')
    for column in ('replaced_at', 'typed_by', 'marks', 'window', 'staff_level'):
        op.drop_column('reviews', column)
    op.drop_column('service_records', 'kind')
    op.drop_column('complaints', 'reviewer')
    op.drop_column('complaints', 'matter')
    op.drop_index('ix_reviewers_phone', table_name='reviewers')
    op.drop_column('reviewers', 'phone_index')
    op.drop_column('catalogue_entries', 'level')
    op.drop_column('departments', 'successor')
    for table in ('departments', 'catalogue_entries'):
        op.drop_column(table, 'valid_until')
        op.drop_column(table, 'valid_from')
    op.drop_table('areas')
