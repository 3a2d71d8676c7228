"""When each kind of job last ran."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from app.db import Model


class JobBeat(Model):
    """The last run of one kind of job, on whatever machine."""

    __tablename__ = "job_beats"

    kind: Mapped[str] = mapped_column(primary_key=True)
    beat_at: Mapped[datetime]
