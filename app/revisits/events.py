"""What a revisit tells the rest of the house."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class ReviewerPressed:
    """A reviewer said in a revisit that staff pressed them: suspected reprisal."""

    case: int
    programme: str
    by: str
    at: datetime
