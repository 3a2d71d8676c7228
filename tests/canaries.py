"""Planted persons whose traces are searched for in everything that is written outside the store."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import text

from app.db import db, unit_of_work

# Names with characters that nothing else holds, numbers of blocks that belong to nobody, and words nobody else says.
NAME, PHONE, CERTIFICATE, WORDS = "龘靐齉", "15499917231", "990001198001019996", "那天窗口的钟停在龖龗"
NEW_PHONE, HOTLINE_PHONE = "15499917232", "15499917233"
CANARIES = (NAME, PHONE, CERTIFICATE, WORDS, NEW_PHONE, HOTLINE_PHONE)

TABLES = "select oid::regclass::text from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace order by 1"


def tables() -> list[str]:
    """Return every table there is: ours, the partitions, the queue's and the migrations'."""
    with unit_of_work() as session:
        return list(session.scalars(text(TABLES)))


def found_in_tables() -> Iterator[str]:
    """Yield what was found where: as text, in JSON of either spelling, or as bytes."""
    with unit_of_work() as session:
        for table in session.scalars(text(TABLES)).all():
            for canary in CANARIES:
                for form in forms(canary):
                    query = text(f"select count(*) from {table} t where position(:form in t::text) > 0")
                    if db.session.scalar(query, {"form": form}):
                        yield f"{table}: {canary}"


def forms(canary: str) -> set[str]:
    """Return the ways a canary may be written: as it is, escaped in JSON, and as hexadecimal bytes in two encodings."""
    escaped = canary.encode("unicode_escape").decode()
    return {canary, escaped, escaped.replace("\\", "\\\\"), canary.encode().hex(), canary.encode("utf-16-le").hex()}


def found_in_text(written: str) -> list[str]:
    """Return the canaries in something that was written: a log, a file, an answer."""
    return [canary for canary in CANARIES if any(form in written for form in forms(canary))]


def found_in_files(folder: Path) -> list[str]:
    """Return the canaries in the files under a folder, by file."""
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    return [f"{path.name}: {canary}" for path in files for canary in found_in_text(path.read_bytes().decode("utf-8", "replace"))]
