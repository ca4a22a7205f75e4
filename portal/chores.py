"""What has to be done now and then while the portal serves: sweeping, and a checkpoint a day."""

import threading
from datetime import timedelta
from typing import Self

from sqlalchemy import Connection

from portal.checkpoint import Checkpoint, due
from portal.evidence.orphans import tidy
from portal.logs import logger
from portal.people.sweep import sweep
from portal.portal import Portal
from portal.store.database import Unavailable
from portal.use_cases import uploads

EVERY = 600.0
"""Seconds between chores."""

TIDY = timedelta(days=1)
"""Between looks at all content for what no row names."""

PATIENCE = 10
"""Seconds that a chore under way gets to end."""


class Chores:
    """What has to be done now and then: sweeping, and a checkpoint a day. Each replica does it; twice does no harm."""

    def __init__(self, portal: Portal, every: float = EVERY) -> None:
        self.portal, self.every = portal, every
        self.log = logger(__name__)
        self._end = threading.Event()
        self._tidy = portal.clock()
        self._thread = threading.Thread(target=self._run, name="zhunsheng-chores", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join(PATIENCE)

    def _run(self) -> None:
        while not self._end.wait(self.every):
            self.once()

    def once(self) -> None:
        """Do all chores; one that fails is logged and stops no other."""
        for name, chore in (
            ("people", self._people),
            ("evidence", self._evidence),
            ("orphans", self._orphans),
            ("checkpoint", self._mark),
        ):
            try:
                found = chore()
            except Unavailable:
                self.log.warning("chore put off", chore=name)
            except Exception as error:  # the portal must go on serving
                self.log.exception("chore failed", chore=name, error=type(error).__name__)
            else:
                if found:
                    self.log.info("chore done", chore=name, count=found)

    def _people(self) -> int:
        now = self.portal.clock()
        return self.portal.database.write(lambda connection: sweep(connection, now))

    def _evidence(self) -> int:
        return uploads.sweep(self.portal)

    def _orphans(self) -> int:
        now = self.portal.clock()
        if now < self._tidy:
            return 0
        self._tidy = now + TIDY
        return tidy(self.portal)

    def _mark(self) -> int:
        def work(connection: Connection) -> int:
            return int(
                due(connection, self.portal.at()) and isinstance(self.portal.mark(connection), Checkpoint)
            )

        return self.portal.database.write(work)
