"""What intake tells the rest of the house."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True)
class BadReviewReceived:
    """A review of one of the two lowest levels was stored, in this transaction; or a complaint (`review` None).

    `matter` is the record of the service it is about; a complaint has a number of its own.
    """

    review: int | None
    programme: str
    served_on: date
    record: str
    visit: int
    sequence: int
    department: str
    staff: str | None
    channel: str
    reviewer: int | None
    is_anonymous: bool
    received_at: datetime
    matter: str | None = None
