"""One act on one case from the outside: one transaction, and an incident of its own when the engine fails."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial

from app.calendars.load import load_notice
from app.calendars.notice import Notice
from app.cases.errors import CaseStopped
from app.cases.handover import Handover, hand_over_case, plan_handover
from app.cases.incidents import close_incidents, open_incident
from app.cases.queries import find_case
from app.cases.recalendar import apply_calendar, open_cases_of_layer
from app.cases.step import Step, case_step
from app.cases.succession import open_cases_of, take_over
from app.clock import Clock
from app.db import unit_of_work
from app.engine.errors import EngineFault, ExpressionFailed
from app.errors import AppError
from app.identity.actor import Actor


def perform(case_id: int, actor: Actor | None, clock: Clock, *acts: Callable[[Step], None]) -> None:
    """Make a step: lock, fire, act, run on, commit. Several acts are a step each, and are stored together or not at all.

    Raises:
        AppError: the act was refused, and nothing is stored; after a fault of the
            diagram the case also stands still, with an incident.
    """
    try:
        with unit_of_work():
            for act in acts:
                with case_step(case_id, actor, clock) as step:
                    act(step)
    except (EngineFault, ExpressionFailed) as error:
        stop(case_id, error, clock)
        raise


def stop(case_id: int, error: AppError, clock: Clock) -> datetime:
    """Open an incident in a transaction of its own; return its moment."""
    with unit_of_work() as session:
        now = clock.now(session.connection())
        open_incident(case_id, error, now)
        return now


def resume(number: str, by: str, clock: Clock) -> None:
    """Let a stopped case go on, and make up for what fell due or was loaded meanwhile, in one transaction.

    Raises:
        CaseNotFound: there is no such case.
        CaseNotStopped: it has no open incident.
        AppError: its cause is not mended; the case stands still as before.
    """
    with unit_of_work() as session:
        case_id = find_case(number)
        close_incidents(case_id, by, clock.now(session.connection()))
        with case_step(case_id, None, clock) as step:
            apply_calendar(step)


def hand_over_department(actor: Actor, programme: str, department: str, successor: str, clock: Clock) -> int:
    """Hand the open cases of a closed department over, one transaction a case; return how many there were.

    A run that broke off is simply run again: what was handed over is no longer the old department's.
    """
    with unit_of_work():
        cases = open_cases_of(programme, department)
    for case_id in cases:
        perform(case_id, actor, clock, lambda step: take_over(step, department, successor))
    return len(cases)


def hand_over_tasks(actor: Actor, from_login: str, to_login: str, clock: Clock) -> int:
    """Hand a colleague's open tasks over, one transaction a case; return in how many cases.

    A run that broke off is simply run again: what was handed over is the other's by then.
    """
    with unit_of_work():
        handover = plan_handover(actor, from_login, to_login)
    for case_id in handover.cases:
        perform(case_id, actor, clock, partial(_hand_over, handover))
    return len(handover.cases)


def _hand_over(handover: Handover, step: Step) -> None:
    hand_over_case(step, handover)


def nothing(_step: Step) -> None:
    """Act of the clock: only what is due happens."""


def apply_notice(notice: Notice, by: str, clock: Clock) -> int:
    """Load a notice and reckon open deadlines anew with it, one transaction a case; return how many cases were reckoned.

    A run that broke off is simply run again: the notice is not loaded twice.
    """
    with unit_of_work() as session:
        load_notice(session, notice, loaded_by=by, loaded_at=clock.now(session.connection()))
    return recalendar(notice.layer, clock)


def recalendar(layer: str, clock: Clock) -> int:
    """Reckon the open deadlines of a layer anew, one transaction a case; return how many cases were reckoned.

    A case that was done already stays as it is, so a run that broke off is simply run again.
    A case that stands still with an incident is passed over, and reckoned when it goes on.
    """
    with unit_of_work() as session:
        cases = list(open_cases_of_layer(session, layer))
    done = 0
    for case_id in cases:
        try:
            perform(case_id, None, clock, apply_calendar)
            done += 1
        except (EngineFault, ExpressionFailed, CaseStopped):
            continue  # It has an incident of its own now; the others go on.
    return done
