"""One fact, one home: which standards each fact serves."""

from dataclasses import dataclass

from engine.load import Library


@dataclass(frozen=True, slots=True)
class Use:
    """A fact, the checklist it stands in, and the standards that ask for it, each named once."""

    fact: str
    title: str
    checklist: str
    subject: str
    standards: tuple[str, ...]

    @property
    def shared(self) -> bool:
        """Whether it serves two standards or more."""
        return len(self.standards) > 1


def uses(library: Library) -> list[Use]:
    """Return every fact of every checklist, in the order of the checklists, with the standards it serves."""
    asking: dict[str, dict[str, None]] = {}
    for standard, _ in sorted(library.editions):
        for key, edition in library.editions.items():
            if key[0] == standard:
                for name in edition.facts:
                    asking.setdefault(name, {})[standard] = None
    return [
        Use(
            fact.id,
            fact.name,
            checklist.checklist.id,
            fact.per or checklist.checklist.subject or "",
            tuple(asking.get(fact.id, ())),
        )
        for checklist in library.checklists.values()
        for fact in checklist.facts
    ]
