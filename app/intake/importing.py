"""Taking files in. A repeated import adds nothing; a bad review opens its case in the same transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache, partial
from itertools import islice
from pathlib import Path
from typing import Any

from app.catalogue.importing import store_catalogue
from app.errors import AppError, Invalid
from app.identity.vault import Vault
from app.intake.batch import Batch, Later, Rows, rules_of
from app.intake.checking import RowCheck
from app.intake.complaints import store_complaints
from app.intake.encodings import digest_of
from app.intake.files import Report, refuse
from app.intake.progress import ImportKey, Progress
from app.intake.reading import open_source
from app.intake.records import store_records
from app.intake.refused import write_refused_file
from app.intake.reviews import store_reviews
from app.intake.schemas import CatalogueRow, ComplaintRow, OldReviewRow, RecordRow, ReviewRow, RowSchema
from app.intake.sources import Line

CHUNK = 1000

Store = Callable[[Rows, Batch], None]
Piece = Callable[[], None]
Values = dict[str, Any] | str


class NothingOld(Invalid):
    """Of this kind nothing is taken over from an old system."""

    code = "nothing_old"


def _store_catalogue(rows: Rows, batch: Batch) -> None:
    store_catalogue(rows, batch.report)


KINDS: dict[str, tuple[type[RowSchema], Store]] = {
    "catalogue": (CatalogueRow, _store_catalogue),
    "records": (RecordRow, store_records),
    "reviews": (ReviewRow, store_reviews),
    "complaints": (ComplaintRow, store_complaints),
}
# What is taken over from the system before this one (R4).
OLD_KINDS: dict[str, tuple[type[RowSchema], Store]] = {
    "records": (RecordRow, store_records),
    "reviews": (OldReviewRow, store_reviews),
}


@dataclass(frozen=True)
class Order:
    """What is to be taken in, and who says so; `is_old`: from the system before this one."""

    kind: str
    path: Path
    given_by: str
    is_old: bool = False


class FileImport:
    """One file on its way in, in pieces that the caller gives a transaction each."""

    def __init__(self, order: Order, vault: Vault, now: Callable[[], datetime]) -> None:
        """Look at the file.

        Raises:
            FileUnreadable: see there.
            NothingOld: this kind is the same in every system.
        """
        if order.is_old and order.kind not in OLD_KINDS:
            raise NothingOld(f"从旧系统接收的只有 {'、'.join(OLD_KINDS)}；{order.kind} 请按平常导入。")
        schema, self._store = (OLD_KINDS if order.is_old else KINDS)[order.kind]
        self.report = Report()
        self.key = ImportKey(digest_of(order.path), f"old-{order.kind}" if order.is_old else order.kind)
        self._order = order
        self._vault = vault
        self._now = now
        self._check = RowCheck(schema())
        self._source = open_source(order.path, schema)
        self._progress = Progress(self.key, vault, self.report, self._source.columns.said)

    @property
    def last_row(self) -> int | None:
        """The number of the last row, where it is known beforehand."""
        return self._source.last_row

    @property
    def row(self) -> int:
        """The number of the last row that is in or refused."""
        return self._progress.stored_row

    def pieces(self) -> Iterator[Piece]:
        """Yield one piece of work after another; each must be done before the next is asked for.

        A chunk of rows is one piece; each bad review in it is one more, so that neither
        a fault nor a lock of one case reaches another row. Wherever it is cut off, the
        next import of the same file goes on from there.

        Raises:
            FileUnreadable: the header makes no sense, or the file is damaged further on.
            RefusedNotWritten: see there.
        """
        yield self._begin
        settled, stored = self._progress.settled_row, self._progress.stored_row
        lines = (line for line in self._source.lines() if line.number > settled)
        if settled < stored:
            yield from self._go_on(_up_to(stored, lines))
        while chunk := list(islice(lines, CHUNK)):
            yield from self._take(chunk)
        self.report.refused.sort()
        self.report.passed_over = self._source.columns.passed_over
        if self.report.refused:
            self.report.refused_file = write_refused_file(self._source, self._order.path, dict(self.report.refused))
        yield self._finish

    def _begin(self) -> None:
        self._progress.begin(self._order.given_by, self._now())

    def _finish(self) -> None:
        self._progress.finish(self._now())

    def _take(self, chunk: list[Line]) -> Iterator[Piece]:
        later: Later = []
        yield partial(self._store_chunk, self._good(chunk), chunk[-1].number, later)
        yield from self._each(later)

    def _good(self, chunk: Iterable[Line]) -> Rows:
        good: Rows = []
        for line in chunk:
            try:
                good.append((line.number, self._check.read(line.values)))
            except AppError as error:
                refuse(self.report, line.number, error)
        return good

    def _store_chunk(self, rows: Rows, last: int, later: Later) -> None:
        """Store a chunk; the clock and the rules are read inside its transaction."""
        self._store_rows(rows, later)
        self._progress.settled_row = self._progress.stored_row if later else last
        self._progress.stored_row = last
        self._progress.save()

    def _store_rows(self, rows: Rows, later: Later) -> None:
        good, rules = rules_of(rows, self.report)
        self._store(good, Batch(self.report, self._vault, self._now(), rules, later, self._order.is_old))

    def _each(self, later: Later) -> Iterator[Piece]:
        for number, work in later:
            yield partial(self._do, number, work)

    def _do(self, number: int, work: Callable[[datetime], None]) -> None:
        work(self._now())
        self._progress.settled_row = number
        self._progress.save()

    def _go_on(self, begun: list[Line]) -> Iterator[Piece]:
        """Do what a chunk still lacks: its rows are in and counted, some of its bad reviews are not."""
        later: Later = []
        refused = {row for row, _ in self.report.refused}
        yield partial(self._look_again, [line for line in begun if line.number not in refused], later)
        yield from self._each(later)

    def _look_again(self, begun: list[Line], later: Later) -> None:
        report = self.report
        before = report.added, report.known, report.opened, len(report.refused)
        self._store_rows(self._good(begun), later)
        report.added, report.known, report.opened = before[:3]
        del report.refused[before[3] :]


def _up_to(last: int, lines: Iterator[Line]) -> list[Line]:
    """Take the lines up to the one of this number, and no further."""
    taken: list[Line] = []
    while (line := next(lines, None)) is not None:
        taken.append(line)
        if line.number >= last:
            break
    return taken


def take_rows(
    kind: str, rows: Iterable[tuple[int, Values]], vault: Vault, report: Report, now: Callable[[], datetime], only: str | None
) -> Iterator[Piece]:
    """Yield the work of taking a few rows that came without a file, in pieces like those of a file; `only` as in `Batch`."""
    schema, store = KINDS[kind]
    check, good = RowCheck(_made(schema)), list[tuple[int, dict[str, Any]]]()
    for number, values in rows:
        try:
            good.append((number, check.read(values)))
        except AppError as error:
            refuse(report, number, error)
    later: Later = []
    yield partial(_store_now, store, good, partial(Batch, report, vault, later=later, only=only), now)
    for _, work in later:
        yield partial(_do_now, work, now)
    report.refused.sort()


@cache
def _made(schema: type[RowSchema]) -> RowSchema:
    """Return a schema's one instance: it keeps nothing of what it reads, and making it takes as long as reading a row."""
    return schema()


def _store_now(store: Store, rows: Rows, batch: Callable[..., Batch], now: Callable[[], datetime]) -> None:
    """Read the clock and the rules inside the transaction."""
    made = batch(now=now(), rules={})
    good, rules = rules_of(rows, made.report)
    store(good, replace(made, rules=rules))


def _do_now(work: Callable[[datetime], None], now: Callable[[], datetime]) -> None:
    work(now())
