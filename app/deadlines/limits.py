"""Time limits as the notices write them: so many working days, so many natural days."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from app.deadlines.errors import LimitMalformed

LONGEST = 3660  # ten years: beyond it a limit is a slip of the pen, and no search may run for ever
_WRITTEN = re.compile(r"([0-9]{1,4})(wd|nd)")


class Unit(StrEnum):
    """What is counted."""

    WORKING_DAYS = "wd"
    NATURAL_DAYS = "nd"

    @property
    def label(self) -> str:
        """Return the notice's word for the unit."""
        return "个工作日" if self is Unit.WORKING_DAYS else "个自然日"


WORKING_DAYS = Unit.WORKING_DAYS
NATURAL_DAYS = Unit.NATURAL_DAYS


@dataclass(frozen=True)
class Limit:
    """So many days of a unit; 0 means the same day (当日).

    Raises:
        LimitMalformed: the number is negative, or longer than ten years.
    """

    n: int
    unit: Unit

    def __post_init__(self) -> None:
        """Refuse what no notice can mean."""
        if not 0 <= self.n <= LONGEST:
            raise LimitMalformed(f"期限的天数应在0至{LONGEST}之间，不能是{self.n}", n=self.n)

    @classmethod
    def parse(cls, text: str) -> Limit:
        """Read `2wd` (working days) or `7nd` (natural days).

        Raises:
            LimitMalformed: anything else, blanks and signs included.
        """
        written = _WRITTEN.fullmatch(text)
        if written is None:
            raise LimitMalformed(f"期限“{text[:40]}”看不懂，应写作2wd（2个工作日）或7nd（7个自然日）")
        return cls(int(written[1]), Unit(written[2]))

    def __str__(self) -> str:
        """Return the written form that `parse` reads."""
        return f"{self.n}{self.unit}"

    @property
    def label(self) -> str:
        """Return the limit in Chinese, as a diagram's timer is labelled."""
        return f"{self.n}{self.unit.label}" if self.n else "当日"
