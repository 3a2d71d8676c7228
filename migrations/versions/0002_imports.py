"""imports: how far each has come, what it refused, and what came from an old system

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('imports',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('digest', sa.String(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('given_by', sa.String(), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('finished_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('stored_row', sa.BigInteger(), nullable=False),
    sa.Column('settled_row', sa.BigInteger(), nullable=False),
    sa.Column('added', sa.BigInteger(), nullable=False),
    sa.Column('known', sa.BigInteger(), nullable=False),
    sa.Column('opened', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_imports')),
    sa.UniqueConstraint('digest', 'kind', name=op.f('uq_imports_digest_kind'))
    )
    op.create_table('import_refusals',
    sa.Column('import_id', sa.BigInteger(), nullable=False),
    sa.Column('row', sa.BigInteger(), nullable=False),
    sa.Column('reason', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['import_id'], ['imports.id'], name=op.f('fk_import_refusals_import_id_imports')),
    sa.PrimaryKeyConstraint('import_id', 'row', name=op.f('pk_import_refusals'))
    )
    for table in ('service_records', 'reviews'):
        op.add_column(table, sa.Column('is_old', sa.Boolean(), server_default='false', nullable=False))
    op.add_column('reviews', sa.Column('rectification', sa.LargeBinary(), nullable=True))
    op.add_column('reviews', sa.Column('rectified_on', sa.Date(), nullable=True))


def downgrade() -> None:
    op.drop_column('reviews', 'rectified_on')
    op.drop_column('reviews', 'rectification')
    for table in ('reviews', 'service_records'):
        op.drop_column(table, 'is_old')
    op.drop_table('import_refusals')
    op.drop_table('imports')
