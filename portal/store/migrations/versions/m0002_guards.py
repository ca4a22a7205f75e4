"""Guards: what may only be added to."""

from alembic import op

from portal.store.guards import EVERY, put_up, take_down

revision = "0002"
down_revision = "0001"

GUARDED = {
    "answer_history": EVERY,
    "claim_history": EVERY,
    "checkpoints": EVERY,
    "evidence": ("id", "assessment_id", "subject_id", "fact", "sha256", "by", "at"),
    "findings": EVERY,
    "leaves": EVERY,
    "log": EVERY,
    "publications": ("id", "round_id", "document", "sha256", "at"),
    "scorecards": EVERY,
    "seen": EVERY,
    "snapshots": EVERY,
    "submissions": EVERY,
    "tiles": EVERY,
}


def upgrade() -> None:
    """Take this step."""
    put_up(op.get_bind(), GUARDED)


def downgrade() -> None:
    """Take it back."""
    take_down(op.get_bind(), GUARDED)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION zhunsheng_keep()")
