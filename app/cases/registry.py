"""What a diagram may name: acts of user tasks, functions of service tasks, messages.

Features add theirs in `wiring`; the linter reads the same tables, so a name that it lets
through is one that runs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from app.cases.step import Step
    from app.cases.store import OpenTask

Form = Mapping[str, Any]


@dataclass(frozen=True)
class Act:
    """What completing a user task means.

    `moment` is the variable that gets the moment of completion, `fields` the form fields
    the act cannot do without, `sets` further variables it always writes, `may_set` those
    it writes only sometimes.
    """

    run: Callable[[Step, OpenTask, Form], None]
    moment: str
    fields: frozenset[str] = frozenset()
    sets: frozenset[str] = frozenset()
    may_set: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Function:
    """What a service task does, and the variables it writes."""

    run: Callable[[Step], None]
    sets: frozenset[str] = frozenset()


ACTS: dict[str, Act] = {}
FUNCTIONS: dict[str, Function] = {}
# Messages that may be sent into an instance, and the variables each writes.
MESSAGES: dict[str, frozenset[str]] = {}

# Variables that every instance has from its start.
START_VARIABLES = frozenset({"received_at", "anonymous", "linked"})
# Variables of the case rather than of a round: `begin_round` leaves them alone.
CASE_VARIABLES = START_VARIABLES | {"round", "round_at", "forwarded_at", "bounces", "bounced_at"}
# Acts that pass a case on: their form names the department that is to handle it.
PASSING_ON = frozenset({"forward", "resend", "rule_bounce"})
# Acts that decide whether a rating is voided.
RULINGS = frozenset({"rule_appeal", "rule_claim"})
# What the limit of a rectifying or explaining step leaves behind for the steps after it.
HANDLING_ACTS = frozenset({"rectify", "explain"})
HANDLE_BY = "handle_by"
