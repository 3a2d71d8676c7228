"""what reviewers say themselves of what was done

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


def downgrade() -> None:
    op.drop_table('rectification_ratings')
