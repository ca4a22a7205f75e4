"""What rests on memory or on second-hand material and must be checked before anything is published."""

from collections.abc import Iterator
from typing import Any

from engine.load import Library
from engine.models.basis import Basis


def unverified(library: Library) -> list[dict[str, str]]:
    """Return every source and basis that carries `verify: true`, with where it stands."""
    rows = [
        {"where": f"rules/sources.yaml {source.id}", "text": source.title}
        for source in library.sources.values()
        if source.verify
    ]
    for edition in library.editions.values():
        name = "/".join(edition.key)
        owners: list[tuple[str, tuple[Basis, ...]]] = [
            (f"{name} 指标 {leaf.id}", leaf.source.basis) for leaf in edition.every_leaf
        ]
        owners += [(f"{name} 否决项 {veto.id}", veto.source.basis) for veto in edition.vetoes]
        owners += [(f"{name} 等级 {rank.id}", rank.source.basis) for rank in edition.ranks]
        owners += [(f"{name} 标准", edition.standard.basis)]
        for where, basis in owners:
            rows += _marked(where, basis)
    return rows


def _marked(where: str, basis: tuple[Basis, ...]) -> Iterator[dict[str, str]]:
    for one in basis:
        if one.verify:
            words: list[Any] = [one.source, one.article, one.note]
            yield {"where": where, "text": " ".join(str(word) for word in words if word) or "没有出处"}
