"""Taking files in. A repeated import adds nothing; a bad review opens its case in the same transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from itertools import islice
from pathlib import Path

from app.catalogue.importing import store_catalogue
from app.errors import AppError
from app.identity.vault import Vault
from app.intake.batch import Batch, Rows, rules_of
from app.intake.checking import RowCheck
from app.intake.complaints import store_complaints
from app.intake.files import Report, refuse
from app.intake.reading import open_source
from app.intake.records import store_records
from app.intake.reviews import store_reviews
from app.intake.schemas import CatalogueRow, ComplaintRow, RecordRow, ReviewRow, RowSchema

CHUNK = 1000

Store = Callable[[Rows, Batch], None]
Later = list[Callable[[datetime], None]]


def _store_catalogue(rows: Rows, batch: Batch) -> None:
    store_catalogue(rows, batch.report)


KINDS: dict[str, tuple[type[RowSchema], Store]] = {
    "catalogue": (CatalogueRow, _store_catalogue),
    "records": (RecordRow, store_records),
    "reviews": (ReviewRow, store_reviews),
    "complaints": (ComplaintRow, store_complaints),
}


def import_rows(kind: str, path: Path, vault: Vault, report: Report, now: Callable[[], datetime]) -> Iterator[Callable[[], None]]:
    """Yield one piece of work after another, counted in the report; the caller gives each its transaction.

    A piece must be done before the next is asked for. A chunk of rows is one piece; each
    bad review in it is one more, so that neither a fault nor a lock of one case reaches
    another row.

    Raises:
        FileUnreadable: see there.
    """
    schema_type, store = KINDS[kind]
    check, source = RowCheck(schema_type()), open_source(path, schema_type)
    lines = source.lines()
    while chunk := list(islice(lines, CHUNK)):
        good: Rows = []
        for line in chunk:
            try:
                good.append((line.number, check.read(line.values)))
            except AppError as error:
                refuse(report, line.number, error)
        later: Later = []
        yield partial(_store_now, store, good, report, vault, now, later)
        for work in later:
            yield partial(_do_now, work, now)
    report.refused = sorted((number, source.columns.said(reason)) for number, reason in report.refused)
    report.passed_over = source.columns.passed_over


def _store_now(store: Store, rows: Rows, report: Report, vault: Vault, now: Callable[[], datetime], later: Later) -> None:
    """Read the clock and the rules inside the chunk's transaction."""
    good, rules = rules_of(rows, report)
    store(good, Batch(report, vault, now(), rules, later))


def _do_now(work: Callable[[datetime], None], now: Callable[[], datetime]) -> None:
    work(now())
