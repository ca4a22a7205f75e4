"""Guards: what may only be added to."""

from alembic import op

from portal.store.guards import EVERY, Kept, put_up, take_down

revision = "0002"
down_revision = "0001"

GUARDED = {
    "answer_history": EVERY,
    "appeals": Kept(
        ("id", "assessment_id", "subject_id", "indicator", "text", "by", "at"),
        "decided_at",
        ("reviewer_id", "outcome", "points", "reason", "decided_at"),
    ),
    "assessments": Kept(("id", "round_id", "university_id", "created_at")),
    "assignments": Kept(("id", "assessment_id", "account_id", "task")),
    "blobs": Kept(("sha256", "size", "type", "taken_at", "stored_at")),
    "checkpoints": EVERY,
    "claim_history": EVERY,
    "evidence": Kept(
        (
            *("id", "assessment_id", "subject_id", "fact", "sha256", "name", "title", "dated"),
            *("valid_until", "issuer", "by", "at"),
        ),
        "removed_at",
        ("removed_at", "removed_by"),
    ),
    "findings": EVERY,
    "leaves": EVERY,
    "log": EVERY,
    "notes": EVERY,
    "photos": Kept(("id", "assessment_id", "subject_id", "fact", "account_id", "sha256", "name", "at")),
    "publications": Kept(
        ("id", "round_id", "kind", "document", "sha256", "by", "at"),
        "withdrawn_at",
        ("withdrawn_at", "withdrawn_by", "withdrawn_for"),
    ),
    "requests": Kept(
        ("id", "assessment_id", "subject_id", "indicator", "account_id", "text", "asked_at"),
        "answered_at",
        ("answered_at", "answer", "answered_by"),
    ),
    "rounds": Kept(("id", "standard", "edition", "edition_hash", "created_at")),
    "scorecards": EVERY,
    "seen": EVERY,
    "snapshots": EVERY,
    "subjects": Kept(("id", "assessment_id", "place_id", "slug", "kind")),
    "submissions": EVERY,
    "surveys": EVERY,
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
