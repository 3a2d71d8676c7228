"""Whether the service is well: when its jobs last ran, what waits for them, how much room is left."""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.orm import Mapped, mapped_column

from app.audit.models import Seal
from app.cases.models import Incident, Instance
from app.clock import Clock
from app.db import Model, db, unit_of_work
from app.outbox import OutboxMessage

# A tick older than this, or a deadline unfired for longer, is a fault that somebody must look at.
SILENT_SECONDS = 120
# The tables are the queue's own; nothing of it is imported here.
WAITING = text("select status::text, count(*) from procrastinate_jobs where status in ('todo', 'doing', 'failed') group by 1")


class JobBeat(Model):
    """The last run of one kind of job, on whatever machine."""

    __tablename__ = "job_beats"

    kind: Mapped[str] = mapped_column(primary_key=True)
    beat_at: Mapped[datetime]


def examine(clock: Clock) -> dict[str, Any]:
    """Return the health of the jobs: ages in seconds, counts, and whether all is well."""
    with unit_of_work() as session:
        now = clock.now(session.connection())
        last = session.scalar(select(func.max(JobBeat.beat_at)))
        overdue = session.execute(select(func.count(), func.min(Instance.due_at)).where(Instance.due_at <= now)).one()
        sealed = session.scalar(select(func.max(Seal.sealed_at)))
        oldest = select(func.min(OutboxMessage.not_before)).where(
            OutboxMessage.sent_at.is_(None), OutboxMessage.not_before <= now
        )
        waiting = session.scalar(oldest)
        incidents = session.scalar(select(func.count()).where(Incident.resolved_at.is_(None)))
    found = {
        "last_tick_seconds": _age(now, last),
        "overdue_unfired": overdue[0],
        "oldest_unfired_seconds": _age(now, overdue[1]),
        "last_seal_seconds": _age(now, sealed),
        "outbox_oldest_seconds": _age(now, waiting),
        "open_incidents": incidents,
    }
    silent = found["last_tick_seconds"] is None or found["last_tick_seconds"] > SILENT_SECONDS
    late = (found["oldest_unfired_seconds"] or 0) > SILENT_SECONDS
    return found | {"healthy": not (silent or late or incidents)}


def _age(now: datetime, moment: datetime | None) -> float | None:
    return None if moment is None else round((now - moment).total_seconds(), 1)


def list_beats() -> list[JobBeat]:
    """Return when each kind of job last ran, the one that ran longest ago first."""
    return list(db.session.scalars(select(JobBeat).order_by(JobBeat.beat_at)))


def queue_counts() -> dict[str, int]:
    """Return how many jobs wait (`todo`), are being done (`doing`) and failed for good (`failed`)."""
    return {"todo": 0, "doing": 0, "failed": 0} | {status: count for status, count in db.session.execute(WAITING)}


def free_share(folder: Path) -> float:
    """Return which share of the disk is free on which keys, seals and attachments lie."""
    usage = shutil.disk_usage(folder)
    return usage.free / usage.total
