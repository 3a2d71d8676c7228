"""What the jobs do. Each works off what is due and leaves the rest; any number may run at once."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from pathlib import Path

import structlog
from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert

from app.audit.seal import seal
from app.cases.queries import list_due
from app.cases.search import index_new_cases
from app.cases.step import Step, case_step, iso
from app.casework.attachments import sweep_files
from app.clock import Clock
from app.db import is_away, unit_of_work
from app.edge import nothing, perform, stop
from app.errors import AppError
from app.health import JobBeat
from app.idempotency import forget_old_keys
from app.identity.retention import limits_at
from app.identity.sessions import tidy_sessions
from app.identity.vault import Vault
from app.intake import defaults
from app.intake.window_calls import forget_old_calls
from app.limits_storage import PostgresStorage
from app.outbox import OutboxMessage
from app.privacy.deleting import delete_old
from app.programmes.models import Programme
from app.programmes.versions import bundle_of
from app.revisits import draws
from app.revisits.periods import month_of

BATCH = 50
# As many new cases as are indexed at one tick: what a storm leaves waits for the next ones.
INDEXED = 500
log = structlog.get_logger()


class StepBroken(AppError):
    """A step failed for a reason that nobody thought of."""

    code = "step_broken"


def new_secret() -> bytes:
    """Return the random secret of one draw."""
    return secrets.token_bytes(32)


def fire_due(clock: Clock) -> int:
    """Fire what is due, one transaction a case; return how many cases moved.

    Work follows due rows, never open cases. A case that fails gets an incident and is no
    longer due.
    """
    done = 0
    while moved := fire_next(clock):
        done += moved
    return done


def fire_next(clock: Clock) -> int:
    """Fire the one case that is due longest and not in somebody's hands; return 1, or 0 when nothing is due.

    Whatever goes wrong in a case stops that case alone: were it left due, it would be the
    first again at every tick, and no other would ever come to its turn.
    """
    case_id: int | None = None
    try:
        with unit_of_work() as session:
            due = list_due(clock.now(session.connection()), 1)
            if not due:
                return 0
            case_id = due[0]
            with case_step(case_id, None, clock) as step:
                nothing(step)
    except Exception as error:
        if case_id is None or is_away(error):
            raise  # The database is away or busy; the case is none the worse.
        log.exception("case_stopped", case=case_id)
        stop(case_id, error if isinstance(error, AppError) else StepBroken("这一步因程序故障无法完成，请联系技术人员。"), clock)
    return 1


def send_outbox(clock: Clock, deliver: Callable[[OutboxMessage], None]) -> int:
    """Hand over messages whose time has come; a message that fails is tried again at the next tick."""
    sent = 0
    with unit_of_work() as session:
        now = clock.now(session.connection())
        query = select(OutboxMessage).where(OutboxMessage.sent_at.is_(None), OutboxMessage.not_before <= now)
        for message in session.scalars(query.order_by(OutboxMessage.id).limit(BATCH).with_for_update(skip_locked=True)):
            message.attempts += 1
            deliver(message)
            message.sent_at = now
            sent += 1
    return sent


def log_message(message: OutboxMessage) -> None:
    """Deliver a message to the log: the channels to people come with the exchange."""
    log.info("message", key=message.key, kind=message.kind, recipient=message.recipient)


def seal_streams(clock: Clock, path: Path) -> None:
    """Seal all audit streams; the line goes to a file outside the database."""
    with unit_of_work() as session:
        seal(path, clock.now(session.connection()))


def give_defaults(clock: Clock) -> int:
    """Give every silent service its default review once its days are over; return how many (C7)."""
    with unit_of_work() as session:
        return defaults.give_defaults(clock.now(session.connection()))


def draw(clock: Clock, vault: Vault, make_secret: Callable[[], bytes] = new_secret) -> None:
    """Commit to the coming periods, freeze those that are over, replace, and tell the cases."""
    with unit_of_work() as session:
        now = clock.now(session.connection())
        session.execute(text("select pg_advisory_xact_lock(7232)"))
        for programme in session.scalars(select(Programme).order_by(Programme.code)):
            rule = bundle_of(programme.version).rules.draw
            if rule.period:
                for period in (month_of(now), month_of(now).following()):
                    draws.commit_to(programme.code, period, rule, vault, make_secret(), now)
        for each in draws.list_unfrozen(now):
            draws.freeze(each, vault, now)
        for each in draws.list_frozen():
            draws.settle(each, now)
        waiting = list(draws.list_to_tell())
    for case_id, drawn in waiting:
        _tell(case_id, drawn, clock)


def _tell(case_id: int, drawn: bool, clock: Clock) -> None:
    """Tell one case; while a ruling is outstanding it cannot end, and hears at a later tick."""

    def act(step: Step) -> None:
        draws.mark_told(case_id, step.now)
        if "draw" in step.machine.messages():
            step.send("draw", drawn=drawn, drawn_at=iso(step.now))

    try:
        perform(case_id, None, clock, act)
    except AppError as error:
        log.info("draw_result_waits", case=case_id, code=error.code)


def index_words(vault: Vault) -> int:
    """Let new cases be found by their words; return how many there were."""
    with unit_of_work():
        return index_new_cases(vault, INDEXED)


def beat(clock: Clock, kind: str) -> None:
    """Note that a job of this kind ran, for `doctor`."""
    with unit_of_work() as session:
        at = {"beat_at": clock.now(session.connection())}
        session.execute(insert(JobBeat).values(kind=kind, **at).on_conflict_do_update(index_elements=["kind"], set_=at))


def sweep(clock: Clock) -> None:
    """Forget sessions, counts of failures and of requests, and keys of acts, that bind nobody any more."""
    with unit_of_work() as session:
        now = clock.now(session.connection())
        tidy_sessions(now)
        forget_old_keys(now)
        forget_old_calls(now)
    PostgresStorage().tidy()


def clear_files(clock: Clock, folder: Path) -> int:
    """Delete the files of attachments that are no more; return how many."""
    with unit_of_work() as session:
        return sweep_files(folder, clock.now(session.connection()))


def forget(clock: Clock) -> int:
    """Delete the personal data whose time is over, a transaction a batch; return how much it was (P4, PIPL 19)."""
    done = 0
    while True:
        with unit_of_work() as session:
            now = clock.now(session.connection())
            batch = delete_old(limits_at(now), now)
        if not batch:
            return done
        done += batch
