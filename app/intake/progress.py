"""How far an import has come: written with what it tells of, so that a killed import goes on and counts each row once."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg.errors import LockNotAvailable
from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.exc import OperationalError

from app.db import db, table_of
from app.errors import Conflict
from app.identity.vault import Vault
from app.intake.files import Report
from app.intake.models import Import, ImportRefusal

IMPORTS, REFUSALS = table_of(Import), table_of(ImportRefusal)
# How long a second import of a file waits for the first: a killed one's lock is free as soon as the server notices.
PATIENCE = "5s"


class ImportRunning(Conflict):
    """The same file is being taken in by somebody else."""

    code = "import_running"


@dataclass(frozen=True)
class ImportKey:
    """What makes two imports the same: the file's content, and as what it is taken."""

    digest: str
    kind: str

    @property
    def lock(self) -> int:
        """The number of the lock that one import at a time holds."""
        return int.from_bytes(hashlib.sha256(f"{self.kind}/{self.digest}".encode()).digest()[:8], signed=True)


@contextmanager
def alone(key: ImportKey) -> Iterator[None]:
    """Let no second import of the same file run at the same time; the lock goes with the connection, however it ends.

    Raises:
        ImportRunning: another one did not come to its end while we waited.
    """
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.detach()  # closed at the end, and the lock with it
        connection.execute(text("select set_config('lock_timeout', :patience, false)"), {"patience": PATIENCE})
        try:
            connection.execute(text("select pg_advisory_lock(:key)"), {"key": key.lock})
        except OperationalError as error:
            if isinstance(error.orig, LockNotAvailable):
                raise ImportRunning("同一个文件正在导入。请等它完成，再看是否还需要导入。") from error
            raise
        yield


class Progress:
    """The stored state of one import, and the report that grows with it. Written in the caller's transaction."""

    def __init__(self, key: ImportKey, vault: Vault, report: Report, said: Callable[[str], str]) -> None:
        self._key = key
        self._vault = vault
        self._report = report
        self._said = said
        self._id = 0
        self._written = 0
        self.stored_row = self.settled_row = 0

    def begin(self, given_by: str, now: datetime) -> None:
        """Take up an import that did not come to its end, else begin from the first row.

        A finished one is gone through again: rows that were refused may have become
        good since, and of the others nothing is added twice.
        """
        found = db.session.execute(select(IMPORTS).where(*self._is_this())).mappings().first()
        fresh = {"given_by": given_by, "started_at": now, "finished_at": None} | dict.fromkeys(
            ("stored_row", "settled_row", "added", "known", "opened"), 0
        )
        if found is None:
            statement = insert(IMPORTS).values(digest=self._key.digest, kind=self._key.kind, **fresh)
            self._id = db.session.execute(statement.returning(IMPORTS.c.id)).scalar_one()
        elif found["finished_at"] is None:
            self._resume(found)
        else:
            self._id, self._report.finished_before = found["id"], found["finished_at"]
            db.session.execute(delete(REFUSALS).where(REFUSALS.c.import_id == self._id))
            self._update(**fresh)

    def _is_this(self) -> tuple[Any, ...]:
        return IMPORTS.c.digest == self._key.digest, IMPORTS.c.kind == self._key.kind

    def _resume(self, found: Any) -> None:
        report = self._report
        self._id, self.stored_row, self.settled_row = found["id"], found["stored_row"], found["settled_row"]
        report.added, report.known, report.opened = found["added"], found["known"], found["opened"]
        report.resumed_after = self.settled_row
        query = select(REFUSALS.c.row, REFUSALS.c.reason).where(REFUSALS.c.import_id == self._id).order_by(REFUSALS.c.row)
        report.refused = [(row, self._vault.open(reason, self._place(row))) for row, reason in db.session.execute(query)]
        self._written = len(report.refused)

    def save(self) -> None:
        """Write how far it is, the counts, and the rows refused since."""
        report = self._report
        fresh = [(row, self._said(reason)) for row, reason in report.refused[self._written :]]
        report.refused[self._written :] = fresh
        self._written = len(report.refused)
        if fresh:
            sealed = [
                {"import_id": self._id, "row": row, "reason": self._vault.seal(said, self._place(row))} for row, said in fresh
            ]
            db.session.connection().execute(insert(REFUSALS), sealed)
        counts = {"added": report.added, "known": report.known, "opened": report.opened}
        self._update(stored_row=self.stored_row, settled_row=self.settled_row, **counts)

    def finish(self, now: datetime) -> None:
        """Note that the file is in."""
        self._update(finished_at=now)

    def _update(self, **values: Any) -> None:
        db.session.execute(update(IMPORTS).where(IMPORTS.c.id == self._id).values(**values))

    def _place(self, row: int) -> str:
        return refusal_place({"import_id": self._id, "row": row})


def refusal_place(refusal: Mapping[str, Any]) -> str:
    """Return the place for which the reason of a refused row is sealed: it may repeat what was sent."""
    return f"import_refusals.reason.{refusal['import_id']}/{refusal['row']}"
