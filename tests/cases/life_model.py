"""What must be true of a case, told in plain Python: which steps are open, the round, the department, what was asked for.

Nothing of engines, tables or calendars; when a window ends is reckoned once more, for the
weeks in which the model plays.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from cases.conftest import RATED

from app.clock import SHANGHAI

START = datetime.fromisoformat("2025-04-01T09:00:00+08:00")
SENT_BACK = {"not_fixed", "untrue", "not_told"}
HANDLINGS = ["clear", "complex", "no_basis", "unsubstantiated", "handed_over"]
RESULTS = ["fixed", *sorted(SENT_BACK), *sorted(SENT_BACK), "unwelcome", "pressed", "unreachable"]
OUTCOMES = {"no_basis": "explained", "unsubstantiated": "unsubstantiated", "handed_over": "handed_over"}
GROUNDS = ["no_service", "threat", "repeated", "insult"]
# Holidays of the weeks that the model plays in: windows are reckoned here once more, apart from the product.
OFF = {"2025-04-04", "2025-05-01", "2025-05-02", "2025-05-05", "2025-06-02"}
WORKED = {"2025-04-27"}
FAR = datetime.fromisoformat("2025-06-20T00:00:00+08:00")


def is_working(day: date, off: set[str]) -> bool:
    return str(day) in WORKED or (day.weekday() < 5 and str(day) not in off)


def days_after(moment: datetime, days: int, off: set[str]) -> datetime:
    """Return the first instant after so many working days."""
    day = moment.astimezone(SHANGHAI).date()
    while days:
        day += timedelta(days=1)
        days -= is_working(day, off)
    return datetime.combine(day + timedelta(days=1), datetime.min.time(), SHANGHAI)


@dataclass
class Model:
    """What must be true of the case."""

    anonymous: bool
    now: datetime = START
    status: str = "open"
    outcome: str | None = None
    round: int = 0
    open: set[str] = field(default_factory=lambda: {"forward"})
    submitted: dict[str, dict[str, Any]] = field(default_factory=dict)
    department: str = RATED
    handling: str | None = None
    is_handling: bool = False
    waits_for_draw: bool = False
    began_at: datetime | None = None
    forwarded_at: datetime | None = None
    resent_at: datetime | None = None
    bounces: int = 0
    hops: int = 0
    helpers: set[str] = field(default_factory=set)
    tries: list[tuple[datetime, str]] = field(default_factory=list)
    referred: bool = False
    appealed: bool = False
    extended: bool = False
    complex_granted: bool = False
    result: str | None = None
    left: bool = False
    voided_at: datetime | None = None

    @property
    def waiting(self) -> list[str]:
        """The steps that somebody can enter."""
        return sorted(self.open - self.submitted.keys())

    @property
    def state(self) -> tuple[Any, ...]:
        """What tells one state of the case from the next."""
        return self.status, self.round, self.bounces, tuple(sorted(self.open)), tuple(sorted(self.submitted))

    @property
    def may_refer(self) -> bool:
        return self.is_handling and not self.referred

    @property
    def may_ask_for_help(self) -> bool:
        return self.status != "ended" and not self.helpers

    @property
    def ending(self) -> str:
        """How the case ends as it was handled."""
        return OUTCOMES.get(self.handling or "", "rectified")

    def pass_on(self, done: str, *following: str) -> None:
        """Replace one open step by those that follow."""
        self.open.discard(done)
        self.open.update(following)

    def send_on(self, department: str) -> None:
        """Give the case to a department; another stretch begins."""
        self.department, self.hops = department, self.hops + 1

    def begin_round(self) -> None:
        self.round += 1
        self.status, self.began_at, self.resent_at, self.result, self.handling = "open", self.now, None, None, None
        self.tries, self.extended = [], False
        self.enter_handling()

    def enter_handling(self) -> None:
        """Begin the handling anew; a ruling that is still to come goes on beside it."""
        self.is_handling, self.waits_for_draw, self.left, self.referred, self.appealed = True, False, False, False, False
        self.open = {"verify"} | (self.open & {"rule_appeal"})
        self.submitted = {element: form for element, form in self.submitted.items() if element in self.open}

    def leave_handling(self, *following: str) -> None:
        """Take everything away that was open in the handling."""
        self.is_handling, self.waits_for_draw = False, False
        self.open, self.submitted = set(following), {}

    def void(self) -> None:
        self.leave_handling("tell_voided")
        self.voided_at = self.now

    def end(self, outcome: str) -> None:
        self.leave_handling()
        self.status, self.outcome = "ended", outcome

    def leave(self) -> None:
        """Come to the end of the handling, and leave it unless something in it is still to be ruled on."""
        self.left = True
        if "rule_extension" in self.open:
            return
        if self.result not in SENT_BACK:
            self.end(self.ending)
        elif self.round >= 2:
            self.leave_handling("decide_round")
        else:
            self.begin_round()

    def reached_enough(self, off: set[str]) -> bool:
        """Whether three tries on two working days, one of them late or in writing, stand behind “unreachable”."""
        local = [(tried.astimezone(SHANGHAI), method) for tried, method in self.tries]
        working = {each.date() for each, _ in local if is_working(each.date(), off)}
        late = any(method == "sms" or (each.hour, each.minute) >= (17, 30) for each, method in local)
        return len(local) >= 3 and len(working) >= 2 and late
