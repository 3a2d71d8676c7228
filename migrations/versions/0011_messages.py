"""what people were told is found by whom it is for; up to where they have seen it

Revision ID: 0011
Revises: 0010
"""

import sqlalchemy as sa
from alembic import op

revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index('ix_outbox_recipient', 'outbox', ['programme', 'recipient', 'id'], unique=False)
    op.create_table('message_marks',
    sa.Column('account', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('seen', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['account'], ['accounts.id'], name=op.f('fk_message_marks_account_accounts')),
    sa.PrimaryKeyConstraint('account', name=op.f('pk_message_marks'))
    )


def downgrade() -> None:
    op.drop_table('message_marks')
    op.drop_index('ix_outbox_recipient', table_name='outbox')
