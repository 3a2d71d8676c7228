"""Voices without a service record: not done, refused, returned, an undercover visit (C4). Taken like reviews of a service."""

from __future__ import annotations

from sqlalchemy import select

from app.catalogue.models import Department
from app.clock import SHANGHAI
from app.db import db
from app.intake.batch import Row, Rows
from app.intake.files import RowRefused
from app.intake.queries import RecordKey, Records, Served
from app.intake.showing import as_code

# The group of the channels by which voices come in; a new one is a row of the catalogue.
VOICE = "voice"
VOICE_PREFIX = "V-"


def is_voice(row: Row) -> bool:
    """Whether a row speaks of no service that was recorded."""
    return not row["projectNo"] and bool(row["voiceNo"])


def voice_key(row: Row) -> RecordKey:
    """Return the key under which a voice is kept; it is unlike every service's number."""
    return row["programme"], VOICE_PREFIX + row["voiceNo"], 1


def stand_ins(rows: Rows) -> Records:
    """Return what stands where a review has its service; never stored itself."""
    voices = [row for _, row in rows if is_voice(row)]
    return {voice_key(row): _stand_in(row) for row in voices if row["deptCode"]}


def _stand_in(row: Row) -> Served:
    programme, record, visit = voice_key(row)
    day = row["assessTime"].astimezone(SHANGHAI).date()
    return Served(programme, record, visit, day, row["deptCode"], window=None, staff=None, reviewer=None)


def check_voice(row: Row, group: str) -> None:
    """Refuse a voice that names no department of the catalogue, or comes by a channel for services.

    Raises:
        RowRefused: with what is wrong.
    """
    if group != VOICE:
        raise RowRefused("channel：没有办件的声音须走名录里 voice 组的渠道")
    known = select(Department.code).where(Department.programme == row["programme"], Department.code == row["deptCode"])
    if db.session.scalar(known) is None:
        raise RowRefused(f"deptCode：名录里没有 {as_code(row['deptCode'])}")
