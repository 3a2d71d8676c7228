"""Files that belong to a case: evidence, photographs, documents. Rows here, content in `files`."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import delete, select

from app.cases.errors import CaseOver, NotYourTask
from app.cases.step import Step
from app.casework import files
from app.casework.errors import AttachmentUnknown, TooMany
from app.casework.models import Attachment
from app.db import db, table_of
from app.identity.actor import Actor

MOST = 30
LONGEST_NAME = 100
# A file is written before its row: what a broken act left behind is swept away after this time.
UNCLAIMED = timedelta(hours=1)


@dataclass(frozen=True)
class Shelf:
    """Where files lie, and the command of the virus scanner, if there is one."""

    folder: Path
    scanner: str | None


def attach(step: Step, actor: Actor, name: str, content: bytes, shelf: Shelf) -> None:
    """Keep a file with a case; the same file sent twice is kept once.

    Raises:
        NotYourTask: the actor only reads.
        CaseOver: the case has ended.
        TooMany: the case has as many as it can have.
        FileRefused, FileInfected, ScannerSilent: see `files`.
    """
    require_attachable(step, actor)
    _keep(step, actor, name, content, shelf)


def attach_as_rated(step: Step, actor: Actor, name: str, content: bytes, shelf: Shelf) -> None:
    """Keep a file that belongs to the evidence of the staff concerned; whether that is heard now, the evidence decides. P3.

    Raises:
        NotYourTask: the case rates somebody else.
        TooMany, FileRefused, FileInfected, ScannerSilent: as of `attach`.
    """
    if actor.programme != step.loaded.programme or actor.staff is None or actor.staff != step.get("rated_staff"):
        raise NotYourTask("只有当事工作人员可以为自己举证。")
    _keep(step, actor, name, content, shelf)


def _keep(step: Step, actor: Actor, name: str, content: bytes, shelf: Shelf) -> None:
    kind, digest = files.kind_of(name, content), hashlib.sha256(content).hexdigest()
    digests = set(db.session.scalars(select(Attachment.digest).where(Attachment.case_id == step.case_id)))
    if digest in digests:
        return
    if len(digests) >= MOST:
        raise TooMany(f"一件差评最多 {MOST} 个附件。")
    is_scanned = files.scan(content, shelf.scanner)
    file, key = files.store(shelf.folder, content)
    step.add(
        Attachment, case_id=step.case_id, round=step.round, department=actor.department, name=name[-LONGEST_NAME:], kind=kind,
        size=len(content), digest=digest, file=file, key=key, is_scanned=is_scanned, added_at=step.now, added_by=actor.id,
    )  # fmt: skip
    step.audit("attach", digest=digest, size=len(content), kind=kind)


def require_attachable(step: Step, actor: Actor) -> None:
    """Refuse whoever could not attach anything now: who only reads, or anybody once the case has ended."""
    if actor.programme != step.loaded.programme or not actor.handles:
        raise NotYourTask("您的岗位只查看，不上传附件。")
    if step.is_over:
        raise CaseOver("这件差评已经结束，不再收附件。")


def list_attachments(case_id: int) -> Sequence[Attachment]:
    """Return the files of a case, oldest first."""
    return db.session.scalars(select(Attachment).where(Attachment.case_id == case_id).order_by(Attachment.id)).all()


def read_attachment(case_id: int, number: int, shelf: Shelf) -> tuple[Attachment, bytes]:
    """Return a file of a case with its content.

    Raises:
        AttachmentUnknown: the case has no such file.
    """
    found = db.session.scalar(select(Attachment).where(Attachment.case_id == case_id, Attachment.id == number))
    if found is None:
        raise AttachmentUnknown("这件差评没有这个附件。")
    return found, files.fetch(shelf.folder, found.file, found.key)


def sweep_files(folder: Path, now: datetime) -> int:
    """Delete files of which no row speaks any more; return how many."""
    return files.sweep(folder, db.session.scalars(select(Attachment.file)), (now - UNCLAIMED).timestamp())


def forget_attachments(cases: Collection[int]) -> None:
    """Drop the files of cases: with the row goes the key, and the sweep deletes what cannot be read any more."""
    table = table_of(Attachment)
    db.session.execute(delete(table).where(table.c.case_id.in_(cases)))
