"""One act of a request: one transaction, and done once when it carries a key."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

from app.cases.step import Step, begin_step
from app.cases.store import lock_case
from app.cases.visibility import find_visible
from app.db import looking, unit_of_work
from app.edge import perform
from app.errors import AppError
from app.idempotency import AlreadyDone
from app.identity.actor import Actor, Role
from app.identity.looks import record_look
from app.request import clock, current_actor, this_request

T = TypeVar("T")
Reply = dict[str, Any]


@contextmanager
def reading(number: str) -> Iterator[int]:
    """Find a case of the actor for reading; what is not theirs is not there. A discipline auditor's look is recorded."""
    actor = current_actor()
    with unit_of_work() as session:
        case_id = find_visible(number, actor)
        if actor.role is Role.AUDITOR:
            record_look(actor, number, clock().now(session.connection()))
        yield case_id


def on_case(
    number: str,
    *acts: Callable[[Step, Actor], Any],
    may_repeat: bool = False,
    find: Callable[[str, Actor], int] = find_visible,
) -> Reply:
    """Act on a case of the actor and answer how it stands afterwards; what is not theirs is not there.

    `find` says which cases are theirs.

    Several acts are a step each, one after the other, all of them or none. The key of the
    request is claimed under the case's lock, and its reply stored with the last step; an act
    that `may_repeat` is done as often as it is sent.
    """
    actor, once = current_actor(), None if may_repeat else this_request()
    with looking():
        case_id = find(number, actor)
    told: list[Reply] = []

    def run(act: Callable[[Step, Actor], Any], step: Step) -> None:
        if once and not told:
            once.claim(step.now)
        act(step, actor)
        told.append(state_of(step, actor))
        if once and len(told) == len(acts):
            step.execute(*once.keeping(told[-1]))

    try:
        perform(case_id, actor, clock(), *(partial(run, act) for act in acts))
    except AlreadyDone as done:
        return done.reply
    return told[-1]


def would_be(case_id: int, act: Callable[[Step, Actor], T], actor: Actor | None = None) -> T | AppError:
    """Return what an act would come to for the actor now, or why it would be refused.

    It is tried on the case and nothing of it is stored: what a page offers and foretells is
    decided by the act itself this way, never a second time. Without an `actor` it is who is signed in.
    """
    actor = actor or current_actor()
    try:
        with unit_of_work() as session:
            told = act(begin_step(lock_case(case_id), actor, clock()), actor)
            session.rollback()
        return told
    except AppError as error:
        return error


def refusal_of(case_id: int, act: Callable[[Step, Actor], Any], actor: Actor | None = None) -> AppError | None:
    """Return why an act would be refused to the actor now, or None."""
    told = would_be(case_id, act, actor)
    return told if isinstance(told, AppError) else None


def state_of(step: Step, actor: Actor) -> Reply:
    """Return how a case stands after an act: number, status, round, outcome, and what the actor's department has to do next.

    What others have to do is not told: a department must not learn from it that its case was drawn.
    """
    return {
        "number": step.loaded.number,
        "status": "ended" if step.is_over else step.case_status,
        "round": step.round,
        "outcome": step.machine.outcome if step.machine.is_ended else None,
        "open": sorted(each for each in step.machine.open_tasks() if step.department_of(each) == actor.department),
    }


def in_pieces(work: Callable[[], Reply]) -> Reply:
    """Do a piece of work that is many transactions, each harmless when done again, and return what came of it.

    With a key the reply is stored at the end. Work that broke off has none, and goes on
    where it stood when it is sent again.
    """
    once = this_request()
    if once is None:
        return work()
    try:
        with unit_of_work():
            once.require_new()
        reply = work()
        with unit_of_work() as session:
            once.claim(clock().now(session.connection()))
            session.execute(*once.keeping(reply))
        return reply
    except AlreadyDone as done:
        return done.reply


def in_one_act(work: Callable[[datetime], Any], answer: Reply | None = None, *, may_repeat: bool = False) -> Reply:
    """Do a piece of work that is not a step of a case, in one transaction, and return `answer`, else what came of it.

    `may_repeat` as for `on_case`.
    """
    once = None if may_repeat else this_request()
    try:
        with unit_of_work() as session:
            now = clock().now(session.connection())
            if once:
                once.claim(now)
            told = work(now)
            reply: Reply = told if answer is None else answer
            if once:
                session.execute(*once.keeping(reply))
            return reply
    except AlreadyDone as done:
        return done.reply
