"""How long what names a reviewer is kept, and why. The notices set no period, so this is ours to give a reason for. PIPL 19."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Retention:
    """One class of data: what it is, for how many years it is kept, from when on, and why that long."""

    what: str
    years: int
    since: str
    reason: str


WORDS = Retention(
    "评价、投诉的原话和投诉人电话",
    2,
    "服务之日（投诉为受理之日）",
    "当年通报和次年考核、申诉、回访要核对原话；此后统计只用等级和选项。",
)
TEXTS = Retention(
    "差评办理中填写的文字：核实、答复、举证、申辩、延期和协办说明、回访记录、查看用途",
    3,
    "差评流程结束之日",
    "年度报告和审计要能复核办理过程；与合规审计、影响评估记录的三年保存期一致。",
)
PERSON = Retention(
    "评价人姓名、电话、证件号及其索引",
    2,
    "最后一次办件、评价或差评结束之日，且没有未结束的差评",
    "回访、异议和同一人多次差评的并案要找得到人；此后不再需要知道是谁。",
)
RETENTION = (WORDS, TEXTS, PERSON)


@dataclass(frozen=True)
class Limits:
    """The moments before which each class of data is to go."""

    words: datetime
    texts: datetime
    person: datetime


def limits_at(now: datetime, years: int | None = None) -> Limits:
    """Return the limits of the table above at a moment, or one and the same number of years for all."""
    words, texts, person = (_years_before(now, years or each.years) for each in RETENTION)
    return Limits(words, texts, person)


def _years_before(now: datetime, years: int) -> datetime:
    """Return the same day of an earlier year; a leap day becomes the last of February."""
    day = 28 if (now.month, now.day) == (2, 29) else now.day
    return now.replace(year=now.year - years, day=day)
