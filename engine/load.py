"""Read the whole library: checklists, sources, standards. It never stops at the first mistake."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel

from engine.build.conditions import condition
from engine.build.draft import unregistered
from engine.build.edition import Edition, EditionBuilder
from engine.build.quantities import resolve, row_columns
from engine.build.ranges import read_ranges
from engine.build.scope import Scope
from engine.build.sections import SectionRead
from engine.build.vocabulary import Defined, Vocabulary, define, defined_by
from engine.complaints import parse
from engine.models.basis import Source, Sources
from engine.models.checklist import Checklist, Fact
from engine.models.conditions import Derived, Parameter
from engine.models.standard import Parameters, Section, Shared, Standard
from engine.problem import Place, Problem, listed
from engine.strict_yaml import Document, read_yaml

M = TypeVar("M", bound=BaseModel)


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


Told = Callable[[str], None]
"""Called with the name of a step each time one is done, by whoever wants to know how long each took."""


def load(root: Path, told: Told | None = None) -> tuple[Library, list[Problem]]:
    """Read `checklists/` and `rules/` below the root; return what could be built and every problem."""
    files = texts(root)
    if told is not None:
        told("读文件")
    return load_texts(files, told)


def texts(root: Path) -> dict[str, bytes]:
    """Read the bytes of every rule and checklist file, by its path below the root."""
    found = [
        path
        for folder in ("checklists", "rules")
        for path in sorted((root / folder).rglob("*"))
        if path.is_file() and path.suffix.lower() in (".yaml", ".yml")
    ]
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in found}


def load_texts(files: dict[str, bytes], told: Told | None = None) -> tuple[Library, list[Problem]]:
    """Build the library from the bytes of its files; the same bytes are built once, unless somebody listens."""
    found = tuple(sorted(files.items()))
    library, problems = _load(found) if told is None else _read(found, told)
    return library, list(problems)


@lru_cache(maxsize=4)
def _load(files: tuple[tuple[str, bytes], ...]) -> tuple[Library, tuple[Problem, ...]]:
    return _read(files, lambda _: None)


def _read(files: tuple[tuple[str, bytes], ...], told: Told) -> tuple[Library, tuple[Problem, ...]]:
    reader = _Reader({name: read_yaml(text, name) for name, text in files if name.endswith(".yaml")}, told)
    told("读 YAML")
    for name, _ in files:
        if name not in reader.documents:
            reader.say(Place(name), "文件名不以 .yaml 结尾，不会被读取", "请改成以 .yaml 结尾", "file-name")
    library = reader.library()
    return library, tuple(sorted(set(reader.problems)))


class _Reader:
    """Reads all documents in their order: checklists, sources, parameters, standards."""

    def __init__(self, documents: dict[str, Document], told: Told) -> None:
        self.documents = documents
        self.told = told
        self.problems = [problem for document in documents.values() for problem in document.problems]
        self.words = Vocabulary()
        self.sources: dict[str, Source] | None = {}
        self.included: dict[str, list[tuple[Shared, Document]]] = {}

    def say(self, place: Place, what: str, next_: str, code: str) -> None:
        self.problems.append(Problem(place, what, next_, code))

    def library(self) -> Library:
        checklists = self.read(
            Checklist, *(name for name in self.documents if name.startswith("checklists/"))
        )
        self.words, found = defined_by(checklists)
        self.problems += found
        self._sources()
        parameters = self.read(Parameters, "rules/parameters.yaml")
        asked = [
            name
            for name in self.documents
            if name.startswith("checklists/") or name == "rules/parameters.yaml"
        ]
        self.words.whole = len(checklists) + len(parameters) == len(asked)
        for shared, document in parameters:
            self._shared(shared, document)
        self.problems += read_ranges(self.words)
        for name, known in self.words.defined.items():
            if isinstance(known.item, Fact) and known.item.answer.table is not None:
                scope = Scope(self.words, known.document, f"事实 {name}", self.problems, condition)
                path = (*known.path, "answer", "table", "derive")
                self.words.row_columns[name] = row_columns(scope, known.item, path)
        for name, known in self.words.defined.items():
            if isinstance(known.item, Derived | Parameter):
                resolve(Scope(self.words, known.document, name, self.problems, condition), name, known.path)
        self.told("填报清单、依据和参数")
        return Library(self._editions(), self._checklists(checklists), self.sources or {}, self.words)

    def read(self, model: type[M], *names: str) -> list[tuple[M, Document]]:
        """Read documents as models; what cannot be read is left out, its mistakes are noted."""
        result = []
        for document in (self.documents[name] for name in names if name in self.documents):
            if document.data is not None or not document.problems:
                item, found = parse(model, document)
                self.problems += found
                result += [(item, document)] if item is not None else []
        return result

    def _checklists(self, read: list[tuple[Checklist, Document]]) -> dict[str, Checklist]:
        result: dict[str, Checklist] = {}
        for item, document in read:
            name = item.checklist.id
            if name in result:
                place = document.place(("checklist", "id"))
                self.say(place, f"清单编号 {name} 已经用过", "请换一个编号", "duplicate-checklist")
            result.setdefault(name, item)
        return result

    def _sources(self) -> None:
        """Read the sources; None when the file cannot be read, because then nobody can say what is in it."""
        name = "rules/sources.yaml"
        read = self.read(Sources, name)
        result: dict[str, Source] = {}
        for item, document in read:
            for index, source in enumerate(item.sources):
                path = ("sources", index)
                if source.id in result:
                    place = document.place((*path, "id"))
                    self.say(
                        place,
                        f"依据编号 {source.id} 已经用过",
                        "请换一个编号，或删去一处",
                        "duplicate-source",
                    )
                if source.from_ and source.to and source.from_ > source.to:
                    what = f"依据 {source.id} 从 {source.from_} 施行，到 {source.to} 失效"
                    self.say(document.place((*path, "from")), what, "请改 from 或 to", "period")
                result.setdefault(source.id, source)
        self.sources = result if read or name not in self.documents else None

    def _shared(self, shared: Parameters, document: Document) -> None:
        for index, parameter in enumerate(shared.parameters):
            path = ("parameters", index)
            define(self.words, Defined(parameter, document, path), self.problems)
            for number, dated in enumerate(parameter.values):
                place = document.place((*path, "values", number, "source"))
                self.problems += unregistered(
                    dated.source, self.sources, place, f"参数 {parameter.id} 的依据"
                )

    def _editions(self) -> dict[tuple[str, str], Edition]:
        result: dict[tuple[str, str], Edition] = {}
        named = {"rules/sources.yaml", "rules/parameters.yaml"}
        for name in self.documents:
            if not (name.startswith("rules/") and name.endswith("/standard.yaml")):
                continue
            read = self.read(Standard, name)
            named |= {name, *(self._paths(name, read[0][0]) if read else self._beside(name))}
            if not read:
                self.read(Section, *self._beside(name))
            for standard, document in read:
                sections = self._sections(standard, document)
                builder = EditionBuilder(self.words, standard, document, self.sources)
                edition = builder.build(sections, "")
                self.problems += builder.problems
                if edition.key in result:
                    what = f"标准 {standard.id} 的版本 {standard.edition} 出现了两次"
                    self.say(document.place(("id",)), what, "请改 id 或 edition", "duplicate-edition")
                result.setdefault(edition.key, _pinned(edition, sections))
                self.told(f"标准 {'/'.join(edition.key)}")
        self._strays(named.union(self.included))
        return result

    def _paths(self, name: str, standard: Standard) -> list[str]:
        return [_joined(Path(name).parent, one.file) for one in standard.sections]

    def _sections(self, standard: Standard, document: Document) -> list[SectionRead]:
        result = list[SectionRead]()
        names = self._paths(document.file, standard)
        for index, (one, name) in enumerate(zip(standard.sections, names, strict=True)):
            place = document.place(("sections", index))
            if name in names[:index]:
                self.say(place, f"分区文件 {one.file} 写了两次", "请删去一处", "duplicate-section")
            elif name not in self.documents:
                here = sorted(Path(other).name for other in self._beside(document.file))
                advice = f"这个文件夹里有：{listed(here)}" if here else "请把文件放进这个文件夹"
                self.say(place, f"分区文件 {one.file} 不存在", advice, "missing-section")
            else:
                read = self.read(Section, name)
                result += [SectionRead(one, found, self._parts(one, found)) for one, found in read]
        return result

    def _parts(self, section: Section, document: Document) -> tuple[tuple[Shared, Document], ...]:
        """Read the part files that a section includes."""
        result = list[tuple[Shared, Document]]()
        for index, one in enumerate(section.include):
            name = _joined(Path(document.file).parent, one)
            if name not in self.documents:
                there = sorted(other for other in self.documents if other.startswith("rules/shared/"))
                advice = f"rules/shared/ 里有：{listed(there)}" if there else "请把文件放进 rules/shared/"
                place = document.place(("include", index))
                self.say(place, f"共用的文件 {one} 不存在", advice, "missing-part")
            elif name in self.included:
                result += self.included[name]
            else:
                self.included[name] = self.read(Shared, name)
                result += self.included[name]
        return tuple(result)

    def _beside(self, name: str) -> list[str]:
        """Return the other files in the folder of a standard."""
        return [one for one in self.documents if Path(one).parent == Path(name).parent and one != name]

    def _strays(self, named: set[str]) -> None:
        """Report section files that no standard names: a forgotten file would silently not count."""
        for name in self.documents:
            if not name.startswith(("rules/", "checklists/")):
                self.say(
                    Place(name),
                    "文件不在 rules/ 或 checklists/ 里，不会被读取",
                    "请移到该放的文件夹",
                    "stray-file",
                )
            elif name.startswith("rules/") and name not in named:
                shared = name.startswith("rules/shared/")
                by, key = (
                    ("分区文件的 include ", "include")
                    if shared
                    else (" standard.yaml 的 sections ", "sections")
                )
                what = f"没有一个{by}提到这个文件，它不会计分"
                self.say(Place(name), what, f"请写进 {key}，或删去", "stray-file")


def _joined(folder: Path, name: str) -> str:
    parts = list(folder.parts)
    for part in Path(name).parts:
        parts = parts[:-1] if part == ".." else [*parts, part]
    return "/".join(parts)


def _pinned(edition: Edition, sections: list[SectionRead]) -> Edition:
    """Fingerprint the content that decides points: rules and the facts they read, not comments or order of keys."""
    names = edition.words.used().union(edition.facts)
    used = [edition.words.defined[name] for name in sorted(names) if name in edition.words.defined]
    content = {
        "standard": edition.standard.model_dump(mode="json", by_alias=True, exclude_none=True),
        "sections": [
            item.model_dump(mode="json", by_alias=True, exclude_none=True)
            for read in sections
            for item, _ in read.content
        ],
        "facts": [found.item.model_dump(mode="json", by_alias=True, exclude_none=True) for found in used],
    }
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return replace(edition, hash=hashlib.sha256(text.encode()).hexdigest())
