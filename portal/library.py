"""The rules that are served: read again when their files change, and kept as they were while the files have mistakes.

A file that somebody is still writing is left alone until nothing has changed between two looks. What would not be let
start is not taken over while running either: a mistake in the rules, or a change of an edition that a round is judged by.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from engine.load import Library, load_texts, texts
from engine.problem import Problem
from portal.logs import logger
from portal.refusal import Refusal

EVERY = 2.0
"""Seconds between looks at the files."""

EMPTY = Refusal(
    "state", "rules-missing", "规则文件夹里一套标准也没有", "请把文件放回去；现在用的仍是之前的规则"
)

Marks = frozenset[tuple[str, int, int]]
"""What a look sees of files: path, time of the last change, size."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why the files as they are now are not served: what is wrong in them, or why not although they are right."""

    since: str
    problems: tuple[Problem, ...]
    refusal: Refusal | None = None


class Shelf:
    """The library that is served now, and what is wrong with the files since."""

    def __init__(
        self,
        root: Path,
        library: Library,
        clock: Callable[[], str],
        allowed: Callable[[Library], Refusal | None] = lambda _: None,
    ) -> None:
        self.root, self.clock, self.allowed = root, clock, allowed
        self.log = logger(__name__)
        self._library = library
        self._trouble: Trouble | None = None
        self._seen = self._read = marks(root)
        self._text = texts(root)

    def library(self) -> Library:
        """Return the library that is served: the newest without a mistake."""
        return self._library

    def trouble(self) -> Trouble | None:
        """Return why the files as they are now are not served; None when they are."""
        return self._trouble

    def look(self) -> bool:
        """Look at the files, and read them if they have changed and are at rest; say whether they were read."""
        now = marks(self.root)
        at_rest, self._seen = now == self._seen, now
        if not at_rest or now == self._read:
            return False
        self._read = now
        text = texts(self.root)
        if text == self._text and self._trouble is None:
            return False
        self._text = text
        self._take()
        return True

    def _take(self) -> None:
        library, problems = load_texts(self._text, lambda _: None)
        wrong = tuple(one for one in problems if one.severity == "error")
        refusal = None if wrong else EMPTY if not library.editions else self.allowed(library)
        if wrong or refusal is not None:
            self._trouble = Trouble(self.clock(), wrong, refusal)
            self.log.error("rules not taken over", count=len(wrong), code=refusal.code if refusal else "")
            return
        self._library, self._trouble = library, None
        self.log.info("rules read again", count=len(library.editions))


def marks(root: Path) -> Marks:
    """Return what a look sees of the files of rules and checklists."""
    found = set[tuple[str, int, int]]()
    for folder in ("checklists", "rules"):
        for path in (root / folder).rglob("*.y*ml"):
            try:
                told = path.stat()
            except OSError:
                continue  # it went between the two calls; the next look sees that
            found.add((str(path), told.st_mtime_ns, told.st_size))
    return frozenset(found)


class Rereading:
    """Looks again and again while the portal serves, beside everything else."""

    def __init__(self, shelf: Shelf, every: float = EVERY) -> None:
        self.shelf, self.every = shelf, every
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run, name="zhunsheng-rules", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join(self.every + 10)

    def _run(self) -> None:
        while not self._end.wait(self.every):
            try:
                self.shelf.look()
            except Exception as error:  # the portal must go on serving what it has
                self.shelf.log.exception("rules could not be read", error=type(error).__name__)
