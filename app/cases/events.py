"""What a case tells the rest of the house."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class CaseOpened:
    """A bad review became a case."""

    case: int
    at: datetime


@dataclass(frozen=True)
class RoundClosed:
    """A round of handling was closed (办结); the reviewer has an answer."""

    case: int
    round: int
    at: datetime


@dataclass(frozen=True)
class CaseEnded:
    """The case came to its end."""

    case: int
    outcome: str
    at: datetime
