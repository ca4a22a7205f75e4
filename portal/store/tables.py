"""Every table, once, for both stores. Times are UTC text with microseconds; JSON is canonical text; ids are ULID text.

What may not be changed is only ever inserted: the log, the history of answers, evidence, scorecards, findings.
A migration in `portal/store/migrations` leads from one state of this module to the next; a test holds them together.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

ID, AT, HASH, NAME = String(26), String(27), String(64), String(200)


def _ref(name: str, target: str, *, nullable: bool = False, primary: bool = False) -> Column[str]:
    return Column(name, String(26), ForeignKey(target), nullable=nullable, primary_key=primary)


# Who and where ------------------------------------------------------------------------------------------------

universities = Table(
    "universities",
    metadata,
    Column("id", ID, primary_key=True),
    Column("code", String(40), nullable=False, unique=True),
    Column("title", NAME, nullable=False),
    Column("kind", String(40), nullable=False, server_default=""),
    Column("region", String(40), nullable=False, server_default=""),
    Column("created_at", AT, nullable=False),
)

places = Table(  # what is assessed: a canteen, a building, a project; the university itself has no row here
    "places",
    metadata,
    Column("id", ID, primary_key=True),
    _ref("university_id", "universities.id"),
    Column("slug", String(64), nullable=False),
    Column("kind", String(40), nullable=False),
    Column("title", NAME, nullable=False),
    Column("closed_at", AT),
    Column("created_at", AT, nullable=False),
    UniqueConstraint("university_id", "slug"),
)

accounts = Table(
    "accounts",
    metadata,
    Column("id", ID, primary_key=True),
    Column("login", String(80), nullable=False, unique=True),
    Column("name", NAME, nullable=False),
    Column("password", String(300)),  # argon2id; empty for single sign-on only
    Column("issuer", String(300)),
    Column("subject", String(300)),
    Column("must_change", Boolean, nullable=False, server_default="0"),
    Column("password_until", AT),  # an initial password is good for some days only
    Column("disabled_at", AT),
    Column("created_at", AT, nullable=False),
    Column("version", Integer, nullable=False, server_default="1"),
    UniqueConstraint("issuer", "subject"),
)

memberships = Table(  # a role in a scope: a university, a round, or everywhere (both empty)
    "memberships",
    metadata,
    Column("id", ID, primary_key=True),
    _ref("account_id", "accounts.id"),
    Column("role", String(20), nullable=False),
    _ref("university_id", "universities.id", nullable=True),
    _ref("round_id", "rounds.id", nullable=True),
    Column("granted_by", ID),
    Column("granted_at", AT, nullable=False),
    Column("ended_at", AT),
    CheckConstraint(
        "role IN ('filler','approver','inspector','secretariat','observer','administrator')", name="role"
    ),
    Index(None, "account_id"),
)

sessions = Table(
    "sessions",
    metadata,
    Column("token_hash", HASH, primary_key=True),
    _ref("account_id", "accounts.id"),
    Column("created_at", AT, nullable=False),
    Column("seen_at", AT, nullable=False),
    Column("expires_at", AT, nullable=False),
    Column("revoked_at", AT),
    Column("address", String(80), nullable=False, server_default=""),
    Index(None, "account_id"),
)

tokens = Table(  # for a university's own system; the token itself is shown once and never kept
    "tokens",
    metadata,
    Column("id", ID, primary_key=True),
    _ref("account_id", "accounts.id"),
    Column("token_hash", HASH, nullable=False, unique=True),
    Column("title", NAME, nullable=False),
    Column("created_at", AT, nullable=False),
    Column("expires_at", AT, nullable=False),
    Column("revoked_at", AT),
)

sign_ons = Table(  # single sign-on that has begun: good once, for ten minutes, in the browser that began it
    "sign_ons",
    metadata,
    Column("state_hash", HASH, primary_key=True),
    Column("browser_hash", HASH, nullable=False),
    Column("nonce", String(64), nullable=False),
    Column("verifier", String(128), nullable=False),
    Column("created_at", AT, nullable=False),
    Column("used_at", AT),
)

attempts = (
    Table(  # failed sign-ins by account and address together, by address, by account; the key is a hash
        "attempts",
        metadata,
        Column("key", HASH, primary_key=True),
        Column("count", Integer, nullable=False),
        Column("last_at", AT, nullable=False),
        Column("blocked_until", AT, nullable=False),
    )
)

# Rounds -------------------------------------------------------------------------------------------------------

rounds = Table(
    "rounds",
    metadata,
    Column("id", ID, primary_key=True),
    Column("title", NAME, nullable=False),
    Column("standard", String(64), nullable=False),
    Column("edition", String(64), nullable=False),
    Column("edition_hash", HASH, nullable=False),
    Column("as_of", String(10), nullable=False),
    Column("period_from", String(10)),
    Column("period_to", String(10)),
    Column("fill_until", AT),
    Column("review_until", AT),
    Column("material_until", AT),
    Column("publish_from", AT),
    Column("publish_until", AT),
    Column("appeal_until", AT),
    Column("region", String(40), nullable=False, server_default=""),
    Column("state", String(20), nullable=False),
    Column("settings", Text, nullable=False, server_default="{}"),
    Column("created_at", AT, nullable=False),
    Column("version", Integer, nullable=False, server_default="1"),
)

assessments = Table(  # one university in one round: what is filled in, reviewed and published
    "assessments",
    metadata,
    Column("id", ID, primary_key=True),
    _ref("round_id", "rounds.id"),
    _ref("university_id", "universities.id"),
    Column("state", String(20), nullable=False),
    Column("submitted_at", AT),
    Column("submitted_by", ID),
    Column("submission_hash", HASH),
    Column("reopened", Integer, nullable=False, server_default="0"),
    Column("fill_until", AT),  # this university's own deadline, given when it was opened again
    Column("version", Integer, nullable=False, server_default="1"),
    Column("created_at", AT, nullable=False),
    UniqueConstraint("round_id", "university_id"),
    Index(None, "university_id"),
    Index(None, "round_id", "state"),
)

subjects = Table(  # the places a university has assessed in a round; the university itself is place_id NULL
    "subjects",
    metadata,
    Column("id", ID, primary_key=True),
    _ref("assessment_id", "assessments.id"),
    _ref("place_id", "places.id", nullable=True),
    Column("slug", String(64), nullable=False),
    Column("title", NAME, nullable=False),
    Column("kind", String(40), nullable=False),
    Column("withdrawn_at", AT),
    UniqueConstraint("assessment_id", "slug"),
)

assignments = Table(
    "assignments",
    metadata,
    Column("id", ID, primary_key=True),
    _ref("assessment_id", "assessments.id"),
    _ref("account_id", "accounts.id"),
    Column("assigned_by", ID),
    Column("assigned_at", AT, nullable=False),
    Column("ended_at", AT),
    Column("signed_at", AT),
    Column("task", String(10), nullable=False, server_default="review"),  # or a second look at an appeal
    UniqueConstraint("assessment_id", "account_id"),
    CheckConstraint("task IN ('review','appeal')", name="task"),
    Index(None, "account_id"),
)

recusals = Table(  # who must not see what: declared, or known from employment
    "recusals",
    metadata,
    Column("id", ID, primary_key=True),
    _ref("account_id", "accounts.id"),
    _ref("university_id", "universities.id"),
    Column("reason", Text, nullable=False),
    Column("declared_by", ID),
    Column("declared_at", AT, nullable=False),
    Column("ended_at", AT),
    UniqueConstraint("account_id", "university_id"),
)

# Answers ------------------------------------------------------------------------------------------------------

answers = Table(  # the answer that stands; `version` is what the next save must be based on
    "answers",
    metadata,
    _ref("assessment_id", "assessments.id", primary=True),
    _ref("subject_id", "subjects.id", primary=True),
    Column("fact", String(80), primary_key=True),
    Column("value", Text),
    Column("note", Text),
    Column("origin", String(20), nullable=False),
    Column("origin_ref", Text),
    Column("by", ID, nullable=False),
    Column("at", AT, nullable=False),
    Column("version", Integer, nullable=False),
    CheckConstraint("origin IN ('typed','carried','offered','api','imported')", name="origin"),
)

answer_history = Table(
    "answer_history",
    metadata,
    Column("op_id", String(64), primary_key=True),
    _ref("assessment_id", "assessments.id"),
    _ref("subject_id", "subjects.id"),
    Column("fact", String(80), nullable=False),
    Column("value", Text),
    Column("note", Text),
    Column("origin", String(20), nullable=False),
    Column("origin_ref", Text),
    Column("by", ID, nullable=False),
    Column("at", AT, nullable=False),
    Column("version", Integer, nullable=False),
    UniqueConstraint("assessment_id", "subject_id", "fact", "version"),
    Index(None, "by", "assessment_id"),
)

claims = Table(  # 合理缺项: an indicator said not to apply, with the reason
    "claims",
    metadata,
    _ref("assessment_id", "assessments.id", primary=True),
    _ref("subject_id", "subjects.id", primary=True),
    Column("indicator", String(64), primary_key=True),
    Column("reason", Text),
    Column("by", ID, nullable=False),
    Column("at", AT, nullable=False),
    Column("version", Integer, nullable=False),
)

claim_history = Table(
    "claim_history",
    metadata,
    Column("op_id", String(64), primary_key=True),
    _ref("assessment_id", "assessments.id"),
    _ref("subject_id", "subjects.id"),
    Column("indicator", String(64), nullable=False),
    Column("reason", Text),
    Column("by", ID, nullable=False),
    Column("at", AT, nullable=False),
    Column("version", Integer, nullable=False),
    UniqueConstraint("assessment_id", "subject_id", "indicator", "version"),
)

submissions = Table(  # each time a university handed in: 1, 2, … and what, by its content
    "submissions",
    metadata,
    _ref("assessment_id", "assessments.id", primary=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("sha256", HASH, ForeignKey("snapshots.sha256"), nullable=False),
    Column("edition_hash", HASH, nullable=False),
    Column("engine", String(40), nullable=False),
    Column("by", ID, nullable=False),
    Column("at", AT, nullable=False),
)

# Evidence -----------------------------------------------------------------------------------------------------

blobs = Table(
    "blobs",
    metadata,
    Column("sha256", HASH, primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("type", String(40), nullable=False),
    Column("pages", Integer),
    Column("width", Integer),
    Column("height", Integer),
    Column("taken_at", AT),
    Column("likeness", String(32)),  # a perceptual hash of a picture
    Column("preview", HASH),
    Column("stored_at", AT, nullable=False),
    Index(None, "likeness"),
)

evidence = Table(
    "evidence",
    metadata,
    Column("id", ID, primary_key=True),
    _ref("assessment_id", "assessments.id"),
    _ref("subject_id", "subjects.id"),
    Column("fact", String(80), nullable=False),
    Column("sha256", HASH, ForeignKey("blobs.sha256"), nullable=False),
    Column("name", NAME, nullable=False),
    Column("title", NAME, nullable=False, server_default=""),
    Column("dated", String(10)),
    Column("valid_until", String(10)),
    Column("issuer", NAME),
    Column("by", ID, nullable=False),
    Column("at", AT, nullable=False),
    Column("removed_at", AT),
    Column("removed_by", ID),
    Index(None, "assessment_id", "subject_id", "fact"),
    Index(None, "sha256"),
)

likenesses = Table(  # pictures in bands: near-identical ones are equal in at least one
    "likenesses",
    metadata,
    Column("sha256", HASH, ForeignKey("blobs.sha256"), primary_key=True),
    Column("band", Integer, primary_key=True, autoincrement=False),
    Column("bits", Integer, nullable=False),
    Index(None, "band", "bits"),
)

uploads = Table(  # what is on its way; its parts lie beside the content
    "uploads",
    metadata,
    Column("id", ID, primary_key=True),
    Column("op_id", String(64), nullable=False, unique=True),
    _ref("assessment_id", "assessments.id"),
    _ref("subject_id", "subjects.id"),
    Column("fact", String(80), nullable=False),
    Column("name", NAME, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("sha256", HASH),  # what the sender says it will be
    Column("by", ID, nullable=False),
    Column("at", AT, nullable=False),
    Index(None, "at"),
)

# Review -------------------------------------------------------------------------------------------------------

findings = Table(  # what an inspector says of an indicator; each change is a new version, none is overwritten
    "findings",
    metadata,
    _ref("assessment_id", "assessments.id", primary=True),
    _ref("subject_id", "subjects.id", primary=True),
    Column("indicator", String(64), primary_key=True),
    _ref("account_id", "accounts.id", primary=True),
    Column("version", Integer, primary_key=True),
    Column("verdict", String(12), nullable=False),
    Column("points", String(40)),
    Column("reason", Text),
    Column("batch", String(64)),  # the operation that gave many at once, so that it can be taken back as one
    Column("at", AT, nullable=False),
    CheckConstraint("verdict IN ('agree','adjust','material','site','none')", name="verdict"),
)

seen = Table(  # what an inspector saw on site, beside what was stated and never over it
    "seen",
    metadata,
    _ref("assessment_id", "assessments.id", primary=True),
    _ref("subject_id", "subjects.id", primary=True),
    Column("fact", String(80), primary_key=True),
    _ref("account_id", "accounts.id", primary=True),
    Column("version", Integer, primary_key=True),
    Column("value", Text),
    Column("note", Text),
    Column("photos", Text, nullable=False, server_default="[]"),  # SHA-256 of own photos, as JSON
    Column("at", AT, nullable=False),
)

photos = Table(  # what inspectors photographed on site; no evidence of the university
    "photos",
    metadata,
    Column("id", ID, primary_key=True),
    _ref("assessment_id", "assessments.id"),
    _ref("subject_id", "subjects.id"),
    Column("fact", String(80), nullable=False),
    _ref("account_id", "accounts.id"),
    Column("sha256", HASH, ForeignKey("blobs.sha256"), nullable=False),
    Column("name", NAME, nullable=False),
    Column("at", AT, nullable=False),
    Column("shown", Boolean),  # to the university: decided so, decided not, or (empty) as the stage has it
    Index(None, "assessment_id", "account_id"),
)

surveys = Table(  # 测评: what a survey of a subject came to, where the standard gives it a weight
    "surveys",
    metadata,
    _ref("assessment_id", "assessments.id", primary=True),
    _ref("subject_id", "subjects.id", primary=True),
    Column("version", Integer, primary_key=True),
    Column("points", String(40)),
    Column("held_by", Text, nullable=False),
    Column("from_day", String(10), nullable=False),
    Column("to_day", String(10), nullable=False),
    Column("asked", Integer, nullable=False),
    Column("answered", Integer, nullable=False),
    Column("note", Text),
    Column("by", ID, nullable=False),
    Column("at", AT, nullable=False),
)

notes = Table(  # what an inspector notes for nobody but the panel and the secretariat
    "notes",
    metadata,
    _ref("assessment_id", "assessments.id", primary=True),
    _ref("subject_id", "subjects.id", primary=True),
    Column("indicator", String(64), primary_key=True),
    _ref("account_id", "accounts.id", primary=True),
    Column("version", Integer, primary_key=True),
    Column("text", Text, nullable=False),
    Column("at", AT, nullable=False),
)

requests = Table(  # 补材料: what was asked for and how it was answered
    "requests",
    metadata,
    Column("id", ID, primary_key=True),
    _ref("assessment_id", "assessments.id"),
    _ref("subject_id", "subjects.id"),
    Column("indicator", String(64), nullable=False),
    _ref("account_id", "accounts.id"),
    Column("text", Text, nullable=False),
    Column("asked_at", AT, nullable=False),
    Column("answered_at", AT),
    Column("answer", Text),
    Column("answered_by", ID),
    Index(None, "assessment_id"),
)

snapshots = (
    Table(  # what was judged, by its content: a submission as handed in, or with reviews and decisions
        "snapshots",
        metadata,
        Column("sha256", HASH, primary_key=True),
        Column("document", Text, nullable=False),
        Column("at", AT, nullable=False),
    )
)

scorecards = Table(  # canonical documents of the engine, by layer; finished ones never change
    "scorecards",
    metadata,
    Column("id", ID, primary_key=True),
    _ref("assessment_id", "assessments.id"),
    _ref("subject_id", "subjects.id", nullable=True),  # empty: the roll-up of the whole
    Column("layer", String(40), nullable=False),
    Column("stage", String(20), nullable=False),
    Column("sha256", HASH, nullable=False),
    Column("grade", String(64)),
    Column("low", String(40), nullable=False),
    Column("high", String(40), nullable=False),
    Column("engine", String(40), nullable=False),
    Column("edition_hash", HASH, nullable=False),
    Column(
        "inputs", HASH, ForeignKey("snapshots.sha256"), nullable=False
    ),  # judged again, it gives the document
    Column(
        "marks", Text, nullable=False, server_default="{}"
    ),  # points by indicator, taken out of the document
    Column("at", AT, nullable=False),
    Column(
        "place", Integer, nullable=False
    ),  # how long the chain was: what came later, whatever the clock says
    Column("document", Text, nullable=False),  # last: SQLite walks through a long column to what is behind it
    Index(None, "assessment_id", "stage"),
)

appeals = Table(
    "appeals",
    metadata,
    Column("id", ID, primary_key=True),
    _ref("assessment_id", "assessments.id"),
    _ref("subject_id", "subjects.id"),
    Column("indicator", String(64), nullable=False),
    Column("text", Text, nullable=False),
    Column("by", ID),
    Column("at", AT, nullable=False),
    Column(
        "place", Integer, nullable=False
    ),  # how long the chain was when it was filed, and when it was decided
    _ref("reviewer_id", "accounts.id", nullable=True),
    Column("outcome", String(12)),
    Column("points", String(40)),
    Column("reason", Text),
    Column("decided_at", AT),
    Column("decided_place", Integer),
    CheckConstraint("outcome IN ('upheld','changed')", name="outcome"),
    Index(None, "assessment_id"),
)

publications = Table(
    "publications",
    metadata,
    Column("id", ID, primary_key=True),
    _ref("round_id", "rounds.id"),
    Column("kind", String(10), nullable=False),
    Column("document", Text, nullable=False),
    Column("sha256", HASH, nullable=False),
    Column("by", ID),
    Column("at", AT, nullable=False),
    Column("withdrawn_at", AT),
    Column("withdrawn_by", ID),
    Column("withdrawn_for", Text),
    CheckConstraint("kind IN ('publicity','grades')", name="kind"),
    Index(None, "round_id"),
)

# The trail ----------------------------------------------------------------------------------------------------

log = Table(  # append-only; `seq` orders everything, `chain` and `place` order what belongs together
    "log",
    metadata,
    Column("seq", BigInteger().with_variant(Integer(), "sqlite"), primary_key=True, autoincrement=True),
    Column("chain", String(40), nullable=False),
    Column("place", Integer, nullable=False),
    Column("op_id", String(64), nullable=False, unique=True),
    Column("at", AT, nullable=False),
    Column("actor", String(40), nullable=False),
    Column("action", String(60), nullable=False),
    Column("target", String(120), nullable=False),
    Column("details", Text, nullable=False),
    Column("previous", HASH, nullable=False),
    Column("hash", HASH, nullable=False),
    UniqueConstraint("chain", "place"),
)

checkpoints = Table(
    "checkpoints",
    metadata,
    Column("size", BigInteger().with_variant(Integer(), "sqlite"), primary_key=True, autoincrement=False),
    Column("root", HASH, nullable=False),
    Column("note", Text, nullable=False),
    Column("at", AT, nullable=False),
)

leaves = Table(  # which line is which leaf of the tree; given when a checkpoint is made, and never taken back
    "leaves",
    metadata,
    Column("position", BigInteger().with_variant(Integer(), "sqlite"), primary_key=True, autoincrement=False),
    Column("seq", BigInteger().with_variant(Integer(), "sqlite"), ForeignKey("log.seq"), nullable=False),
    UniqueConstraint("seq"),
)

tiles = Table(  # the inner hashes of every eighth level, so that a proof reads hundreds of rows and not all
    "tiles",
    metadata,
    Column("level", Integer, primary_key=True, autoincrement=False),
    Column("position", BigInteger().with_variant(Integer(), "sqlite"), primary_key=True, autoincrement=False),
    Column("hash", HASH, nullable=False),
)

holes = Table(  # numbers of the log that were not there, or not yet, when greater ones became leaves
    "holes",
    metadata,
    Column("low", BigInteger().with_variant(Integer(), "sqlite"), primary_key=True, autoincrement=False),
    Column("high", BigInteger().with_variant(Integer(), "sqlite"), nullable=False),
)
