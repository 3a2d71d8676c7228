"""what reviewers say themselves of what was done; what window evaluators ask about

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('rectification_ratings',
    sa.Column('case_id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('round', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('level', sa.BigInteger(), nullable=False),
    sa.Column('rated_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('level between 1 and 5', name=op.f('ck_rectification_ratings_level')),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_rectification_ratings_case_id_cases')),
    sa.PrimaryKeyConstraint('case_id', 'round', name=op.f('pk_rectification_ratings'))
    )
    op.create_table('window_calls',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('programme', sa.String(), nullable=False),
    sa.Column('window', sa.String(), nullable=False),
    sa.Column('served_on', sa.Date(), nullable=False),
    sa.Column('record', sa.String(), nullable=False),
    sa.Column('visit', sa.BigInteger(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('called_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_window_calls')),
    sa.UniqueConstraint('served_on', 'programme', 'record', 'visit', 'state', name=op.f('uq_window_calls_served_on_programme_record_visit_state'))
    )
    op.create_index('ix_window_calls_window', 'window_calls', ['programme', 'window', 'id'], unique=False)


def downgrade() -> None:
    op.drop_table('window_calls')
    op.drop_table('rectification_ratings')
