"""Reads that leave a trace: whoever looks at the evidence of another university is named in that university's chain."""

from sqlalchemy import Connection, select

from portal.moment import moment_of, new_id
from portal.policy import Actor
from portal.store.tables import assessments
from portal.trail import Entry, append


def log_read(
    connection: Connection,
    actor: Actor,
    *,
    university: str,
    assessment: str,
    evidence: str,
    sha256: str,
    at: str,
) -> bool:
    """Write down that somebody reads evidence, unless it is their own university's; return whether it was written.

    The content may be handed over only once this transaction is durable. Every read is a line of its own.
    """
    if university in actor.employed:
        return False
    connection.execute(select(assessments.c.id).where(assessments.c.id == assessment).with_for_update())
    entry = Entry(
        op_id=f"read-{new_id(moment_of(at))}",
        chain=f"a:{assessment}",
        at=at,
        actor=actor.id,
        action="evidence.read",
        target=evidence,
        details={"university": university, "sha256": sha256},
    )
    append(connection, entry)
    return True
