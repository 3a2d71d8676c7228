"""What a new calendar notice does to open deadlines: rehearsed first, then done case by case."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.calendars.rehearsal import CalendarOf, Move
from app.cases.limits import rule_from_json, with_extensions
from app.cases.models import Case, CaseDeadline, Instance
from app.cases.retime import retime
from app.cases.step import Step
from app.programmes.versions import bundle_of


def find_moves(session: Session, present: CalendarOf, with_notice: CalendarOf) -> Iterator[Move]:
    """Yield each open deadline that a notice would move, from → to; writes nothing (design §4)."""
    query = (
        select(CaseDeadline, Case.number, Instance.version)
        .join(Case, Case.id == CaseDeadline.case_id)
        .join(Instance, Instance.case_id == CaseDeadline.case_id)
        .where(CaseDeadline.status == "running")
        .order_by(Case.number, CaseDeadline.id)
    )
    for row, number, version in session.execute(query):
        bundle = bundle_of(version)
        rule, layers = rule_from_json(row.rule), bundle.rules.calendar
        due_from, due_to = (
            with_extensions(rule.deadline(calendar), row.extensions, calendar).due_at
            for calendar in (present(layers), with_notice(layers))
        )
        if due_from != due_to:
            yield Move(number, bundle.program.definition.nodes[row.element].name, due_from, due_to)


def open_cases_of_layer(session: Session, layer: str) -> Iterable[int]:
    """Return the running cases with a running deadline whose programme counts with a calendar layer."""
    query = (
        select(CaseDeadline.case_id, Instance.version)
        .join(Instance, Instance.case_id == CaseDeadline.case_id)
        .where(CaseDeadline.status == "running", Instance.status == "running")
        .distinct()
        .order_by(CaseDeadline.case_id)
    )
    return [case for case, version in session.execute(query) if layer in bundle_of(version).rules.calendar]


def apply_calendar(step: Step) -> None:
    """Reckon every running deadline of a case with the calendar as it is now; those that were are left alone."""
    for timer in sorted(step.machine.timers()):
        if step.host.deadlines[timer].calendar_version != step.calendar.version:
            retime(step, timer, f"calendar:{step.calendar.version}")
