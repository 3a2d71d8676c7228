"""Sealing: one root over all streams, written to a file outside the database; and checking it all."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import func, insert, select, text
from sqlalchemy.dialects.postgresql import distinct_on

from app.audit.chain import Finding, read_lines, seal_root, verify
from app.audit.models import AuditEntry, Seal
from app.audit.record import iso
from app.db import db, table_of

# A trigger on the entries takes the same lock, shared (migration 0001).
SEAL_LOCK = 7233


def seal(path: Path, at: datetime) -> dict[str, Any]:
    """Seal all streams as they stand; return the seal. The caller commits.

    Writers wait for the moment it takes, so that no entry with a smaller number can
    appear behind the seal. The line is on disk before the transaction ends: a seal that
    only the file knows is found by `verify`, one that only the database knows cannot be.
    """
    db.session.execute(text("select pg_advisory_xact_lock(:key)"), {"key": SEAL_LOCK})
    up_to = db.session.scalar(select(func.coalesce(func.max(AuditEntry.id), 0))) or 0
    heads = _heads(up_to)
    row = {"sealed_at": at, "up_to": up_to, "streams": len(heads), "root": seal_root(heads)}
    number = db.session.scalar(insert(Seal).values(row).returning(Seal.id))
    line = row | {"id": number, "sealed_at": iso(at)}
    _append_line(path, line)
    return line


def _heads(up_to: int) -> dict[str, tuple[int, str]]:
    query = (
        select(AuditEntry.stream, AuditEntry.seq, AuditEntry.digest)
        .ext(distinct_on(AuditEntry.stream))
        .where(AuditEntry.id <= up_to)
        .order_by(AuditEntry.stream, AuditEntry.seq.desc())
    )
    return {row.stream: (row.seq, row.digest) for row in db.session.execute(query)}


def _append_line(path: Path, line: dict[str, Any]) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(line, ensure_ascii=False, sort_keys=True) + "\n")
        file.flush()
        os.fsync(file.fileno())


def verify_database(path: Path) -> list[Finding]:
    """Check every entry and every seal, those of the file and those of the database."""
    in_file = {each["id"]: each for each in read_lines(path)} if path.exists() else {}
    findings = [
        Finding("seals", each.id, "数据库里的封存与库外文件不一致")
        for each in db.session.scalars(select(Seal).order_by(Seal.id))
        if in_file.get(each.id, {}).get("root") != each.root
    ]
    return findings + verify(entries(), list(in_file.values()))


def verify_stream(stream: str) -> list[Finding]:
    """Check the entries of one stream; seals span all streams and are checked with all."""
    return verify(entries(stream), [])


def list_bounds() -> list[int]:
    """Return the ids up to which each seal goes."""
    return list(db.session.scalars(select(Seal.up_to).order_by(Seal.id)))


def entries(stream: str | None = None) -> Iterator[dict[str, Any]]:
    """Yield all entries, or those of a stream, in the order of their ids, in the form of an export."""
    table = table_of(AuditEntry)
    query = select(table).order_by(table.c.id).execution_options(yield_per=2000)
    if stream is not None:
        query = query.where(table.c.stream == stream)
    for row in db.session.execute(query).mappings():
        yield dict(row) | {"occurred_at": iso(row["occurred_at"])}
