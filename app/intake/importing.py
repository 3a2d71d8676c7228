"""Taking files in. A repeated import adds nothing; a bad review opens its case in the same transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from app.catalogue.importing import store_catalogue
from app.errors import AppError
from app.identity.vault import Vault
from app.intake.files import Report, check_row, read_rows, refuse
from app.intake.records import store_records
from app.intake.reviews import store_reviews
from app.intake.schemas import CatalogueRow, RecordRow, ReviewRow, RowSchema

CHUNK = 1000

Rows = list[tuple[int, dict[str, Any]]]
Store = Callable[[Rows, Report, Vault, datetime], None]

KINDS: dict[str, tuple[type[RowSchema], Store]] = {
    "catalogue": (CatalogueRow, store_catalogue),
    "records": (RecordRow, store_records),
    "reviews": (ReviewRow, store_reviews),
}


def import_rows(
    kind: str, path: Path, vault: Vault, report: Report, now: Callable[[], datetime]
) -> Iterator[Callable[[], None]]:
    """Yield the work of one chunk after another, counted in the report; the caller gives each its transaction.

    Raises:
        FileUnreadable: see there.
    """
    schema_type, store = KINDS[kind]
    schema = schema_type()
    rows = read_rows(path)
    while chunk := list(islice(rows, CHUNK)):
        good: Rows = []
        for number, row in chunk:
            try:
                good.append((number, check_row(schema, row)))
            except AppError as error:
                refuse(report, number, error)
        yield partial(_store_now, store, good, report, vault, now)


def _store_now(store: Store, good: Rows, report: Report, vault: Vault, now: Callable[[], datetime]) -> None:
    """Read the clock inside the chunk's transaction."""
    store(good, report, vault, now())


