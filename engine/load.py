"""Read the whole library: checklists, sources, standards. It never stops at the first mistake."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from engine.build.conditions import condition
from engine.build.edition import Edition, EditionBuilder
from engine.build.quantities import Scope, resolve
from engine.build.vocabulary import Defined, Vocabulary, define, vocabulary
from engine.complaints import parse
from engine.models.checklist import Checklist
from engine.models.conditions import Derived
from engine.models.standard import Parameters, Section, Source, Sources, Standard
from engine.problem import Place, Problem, listed
from engine.strict_yaml import Document, read_yaml


@dataclass(frozen=True, slots=True)
class Library:
    """Everything rules and checklists say."""

    editions: dict[tuple[str, str], Edition] = field(default_factory=dict)
    checklists: dict[str, Checklist] = field(default_factory=dict)
    sources: dict[str, Source] = field(default_factory=dict)
    words: Vocabulary = field(default_factory=Vocabulary)

    def edition(self, standard: str, edition: str) -> Edition | None:
        """Return an edition by standard id and edition."""
        return self.editions.get((standard, edition))


def load(root: Path) -> tuple[Library, list[Problem]]:
    """Read `checklists/` and `rules/` below the root; return what could be built and every problem."""
    return load_texts(texts(root))


def texts(root: Path) -> dict[str, bytes]:
    """Read the bytes of every rule and checklist file, by its path below the root."""
    found = [path for folder in ("checklists", "rules") for path in sorted((root / folder).rglob("*.yaml"))]
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in found}


def load_texts(files: dict[str, bytes]) -> tuple[Library, list[Problem]]:
    """Build the library from the bytes of its files; the same bytes are built once."""
    library, problems = _load(tuple(sorted(files.items())))
    return library, list(problems)


@lru_cache(maxsize=4)
def _load(files: tuple[tuple[str, bytes], ...]) -> tuple[Library, tuple[Problem, ...]]:
    problems = list[Problem]()
    documents = {name: read_yaml(text, name) for name, text in files}
    for document in documents.values():
        problems += document.problems
    checklists = _read(documents, Checklist, "checklists/", problems)
    words, found = vocabulary((item, document) for item, document in checklists)
    problems += found
    sources = _sources(documents, problems)
    for shared, document in _read(documents, Parameters, "rules/parameters.yaml", problems):
        for index, parameter in enumerate(shared.parameters):
            define(words, Defined(parameter, document, ("parameters", index)), problems)
    _derive(words, problems)
    editions = _editions(documents, words, set(sources), problems)
    problems += _stray(documents)
    library = Library(editions, {c.checklist.id: c for c, _ in checklists}, sources, words)
    return library, tuple(sorted(set(problems)))


def _read(
    documents: dict[str, Document], model: Any, folder: str, problems: list[Problem]
) -> list[tuple[Any, Document]]:
    result = []
    for name, document in documents.items():
        if name.startswith(folder) and (document.data is not None or not document.problems):
            item, found = parse(model, document)
            problems += found
            result += [(item, document)] if item is not None else []
    return result


def _sources(documents: dict[str, Document], problems: list[Problem]) -> dict[str, Source]:
    result: dict[str, Source] = {}
    for item, document in _read(documents, Sources, "rules/sources.yaml", problems):
        for index, source in enumerate(item.sources):
            if source.id in result:
                place = document.place(("sources", index, "id"))
                problems.append(
                    Problem(place, f"依据编号 {source.id} 重复了", "请删去一处", "duplicate-source")
                )
            result.setdefault(source.id, source)
    return result


def _derive(words: Vocabulary, problems: list[Problem]) -> None:
    """Build every derived fact once, so that a mistake in one nobody uses yet is found too."""
    for name, found in words.defined.items():
        if isinstance(found.item, Derived):
            resolve(Scope(words, found.document, f"派生事实 {name}", problems, condition), name, found.path)


def _editions(
    documents: dict[str, Document], words: Vocabulary, sources: set[str], problems: list[Problem]
) -> dict[tuple[str, str], Edition]:
    result: dict[tuple[str, str], Edition] = {}
    for name in documents:
        if not (name.startswith("rules/") and name.endswith("/standard.yaml")):
            continue
        standards = _read({name: documents[name]}, Standard, "rules/", problems)
        for standard, document in standards:
            sections = _sections(standard, document, documents, problems)
            builder = EditionBuilder(words, standard, document, sources)
            edition = builder.build(sections, "")
            problems += builder.problems
            if edition.key in result:
                what = f"标准 {standard.id} 的版本 {standard.edition} 出现了两次"
                problems.append(
                    Problem(document.place(("id",)), what, "请改 id 或 edition", "duplicate-edition")
                )
            result.setdefault(edition.key, _pinned(edition, sections))
    return result


def _sections(
    standard: Standard, document: Document, documents: dict[str, Document], problems: list[Problem]
) -> list[tuple[Section, Document]]:
    folder = Path(document.file).parent
    result = list[tuple[Section, Document]]()
    for index, one in enumerate(standard.sections):
        name = _joined(folder, one.file)
        if name not in documents:
            here = [Path(other).name for other in documents if Path(other).parent == folder]
            what = f"分区文件 {one.file} 不存在"
            advice = f"这个文件夹里有:{listed(sorted(here))}"
            problems.append(Problem(document.place(("sections", index)), what, advice, "missing-section"))
            continue
        result += _read({name: documents[name]}, Section, "", problems)
    return result


def _joined(folder: Path, name: str) -> str:
    parts = list(folder.parts)
    for part in Path(name).parts:
        parts = parts[:-1] if part == ".." else [*parts, part]
    return "/".join(parts)


def _stray(documents: dict[str, Document]) -> Iterable[Problem]:
    """Report section files that no standard names: a forgotten file would silently not count."""
    named = {"rules/sources.yaml", "rules/parameters.yaml"}
    for name, document in documents.items():
        if name.startswith("rules/") and name.endswith("/standard.yaml"):
            named.add(name)
            data = document.data if isinstance(document.data, dict) else {}
            for one in data.get("sections") or ():
                file = one.get("file") if isinstance(one, dict) else one
                named.add(_joined(Path(name).parent, str(file)))
    for name in documents:
        if name.startswith("rules/") and name not in named:
            what = "没有一个 standard.yaml 的 sections 提到这个文件,它不会计分"
            yield Problem(Place(name), what, "请写进 sections,或删去", "stray-file")


def _pinned(edition: Edition, sections: list[tuple[Section, Document]]) -> Edition:
    """Fingerprint the content that decides points: rules and the facts they read, not comments or order of keys."""
    names = edition.words.used().union(edition.facts)
    used = [edition.words.defined[name] for name in sorted(names) if name in edition.words.defined]
    content = {
        "standard": edition.standard.model_dump(mode="json", by_alias=True, exclude_none=True),
        "sections": [
            section.model_dump(mode="json", by_alias=True, exclude_none=True) for section, _ in sections
        ],
        "facts": [found.item.model_dump(mode="json", by_alias=True, exclude_none=True) for found in used],
    }
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return replace(edition, hash=hashlib.sha256(text.encode()).hexdigest())
