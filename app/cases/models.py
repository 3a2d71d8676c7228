"""A case, its running instance, and what happens in it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Model
from app.identity.sealed import SealedJson, SealedText


class Case(Model):
    """A bad review that must come to an answer. The review itself stays where it was stored."""

    __tablename__ = "cases"
    __table_args__ = (
        UniqueConstraint("number"),
        UniqueConstraint("served_on", "programme", "record", "visit", "sequence"),
        Index("ix_cases_matter", "programme", "record", postgresql_where=text("ended_at is null")),
        Index("ix_cases_reviewer", "programme", "reviewer", postgresql_where=text("ended_at is null")),
        Index("ix_cases_status", "programme", "status"),
        Index("ix_cases_rated", "programme", "rated_department", "rated_staff"),
        Index("ix_cases_department", "programme", "department"),
        Index("ix_cases_area", "programme", "area"),
        Index("ix_cases_linked_to", "linked_to", postgresql_where=text("linked_to is not null")),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    number: Mapped[str]
    programme: Mapped[str]
    served_on: Mapped[date]
    record: Mapped[str]
    visit: Mapped[int]
    sequence: Mapped[int]
    channel: Mapped[str]
    reviewer: Mapped[int | None]
    is_anonymous: Mapped[bool]
    rated_department: Mapped[str]
    rated_staff: Mapped[str | None]
    department: Mapped[str]
    area: Mapped[str]
    status: Mapped[str]
    round: Mapped[int]
    outcome: Mapped[str | None]
    received_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    voided_at: Mapped[datetime | None]
    linked_to: Mapped[int | None]


class Instance(Model):
    """The running diagram of a case, and the lock that every step on the case takes.

    `state` is the engine's pruned state, `variables` what conditions and timers read,
    `due_at` the earliest moment at which something fires; NULL when nothing does or the
    instance has stopped with an incident. The audit head stands here because it moves
    with every step.
    """

    __tablename__ = "instances"
    __table_args__ = (Index("ix_instances_due_at", "due_at", postgresql_where=text("due_at is not null")),)

    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), primary_key=True, autoincrement=False)
    version: Mapped[int] = mapped_column(ForeignKey("programme_versions.id"))
    status: Mapped[str]
    revision: Mapped[int]
    due_at: Mapped[datetime | None]
    moved_at: Mapped[datetime]
    variables: Mapped[dict[str, Any]] = mapped_column(JSONB)
    state: Mapped[list[Any]] = mapped_column(JSONB)
    audit_seq: Mapped[int]
    audit_digest: Mapped[str]


class Task(Model):
    """A step that a person must do, or did. One accountable owner each (L1).

    `status` is open, submitted (waits for the head's signature), done or withdrawn. What a
    substitute did says in `…_for` whom they stood in for. Until somebody takes it
    (`claimed_at`), the owner is who answers for the department. `due_at`, `is_provisional`
    and `in_working_days` repeat what the step's deadline says, so that an inbox is sorted and
    parted without it.
    """

    __tablename__ = "tasks"
    __table_args__ = (
        Index("ix_tasks_case_id", "case_id"),
        Index("ix_tasks_department", "department", "case_id"),
        Index(
            "ix_tasks_inbox",
            "programme",
            "department",
            "due_at",
            "id",
            # What an inbox counts, so that a department's five thousand tasks are not fetched for it.
            postgresql_include=["case_id", "element", "owner", "claimed_at", "status", "is_provisional", "in_working_days"],
            postgresql_where=text("status in ('open', 'submitted')"),
        ),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    programme: Mapped[str]
    element: Mapped[str]
    act: Mapped[str | None]
    round: Mapped[int]
    lane: Mapped[str]
    department: Mapped[str]
    owner: Mapped[str]
    status: Mapped[str]
    claimed_at: Mapped[datetime | None]
    opened_at: Mapped[datetime]
    due_at: Mapped[datetime]
    is_provisional: Mapped[bool] = mapped_column(server_default="false")
    in_working_days: Mapped[bool] = mapped_column(server_default="true")
    submitted_at: Mapped[datetime | None]
    submitted_by: Mapped[str | None]
    submitted_for: Mapped[str | None]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None]
    ended_for: Mapped[str | None]


class TaskForm(Model):
    """What was entered for a step: all of its form, one row a task, encrypted: an answer may address the reviewer by name."""

    __tablename__ = "task_forms"

    task_id: Mapped[int] = mapped_column(ForeignKey("tasks.id"), primary_key=True, autoincrement=False)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), index=True)
    element: Mapped[str]
    round: Mapped[int]
    body: Mapped[dict[str, Any]] = mapped_column(SealedJson("task_forms.body"))
    entered_at: Mapped[datetime]
    entered_by: Mapped[str]


class CaseDeadline(Model):
    """A limit that runs or ran: the truth behind an engine's timer, and its whole reckoning.

    `rule` is what the diagram asked for with its anchors resolved; `extensions` what was
    granted; `moments` the ladder, `fired` how many of its moments have come. A deadline
    is `running`, `met` (the step was done) or `dropped` (the step was withdrawn).
    """

    __tablename__ = "deadlines"
    __table_args__ = (
        Index("ix_deadlines_case_id", "case_id"),
        Index("ix_deadlines_last_day", "last_day", postgresql_where=text("status = 'running'")),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    element: Mapped[str]
    timer: Mapped[str]
    round: Mapped[int]
    status: Mapped[str]
    rule: Mapped[dict[str, Any]] = mapped_column(JSONB)
    extensions: Mapped[list[Any]] = mapped_column(JSONB)
    began_at: Mapped[datetime]
    due_at: Mapped[datetime]
    last_day: Mapped[date]
    is_provisional: Mapped[bool]
    calendar_version: Mapped[int]
    moments: Mapped[list[Any]] = mapped_column(JSONB)
    fired: Mapped[int]
    ended_at: Mapped[datetime | None]


class Firing(Model):
    """A level that fell due: when it should have, when it was seen to, and who heard of it.

    `withdrawn` says why it no longer counts: a calendar notice, or an upheld appeal (L6).
    """

    __tablename__ = "firings"
    __table_args__ = (Index("ix_firings_case_id", "case_id"),)

    deadline_id: Mapped[int] = mapped_column(ForeignKey("deadlines.id"), primary_key=True, autoincrement=False)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    level: Mapped[str]
    due_at: Mapped[datetime]
    fired_at: Mapped[datetime]
    recipients: Mapped[list[Any]] = mapped_column(JSONB)
    withdrawn: Mapped[str | None]


class Round(Model):
    """One pass from sending on to closing, with what was found (L7)."""

    __tablename__ = "rounds"

    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    began_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    truth: Mapped[str | None]
    responsibility: Mapped[str | None]
    handling: Mapped[str | None]
    may_be_complex: Mapped[bool]
    answer: Mapped[str | None]
    answered_at: Mapped[datetime | None]


class Hop(Model):
    """One department's stretch with a case, between being sent and being returned."""

    __tablename__ = "hops"

    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    department: Mapped[str]
    sent_at: Mapped[datetime]
    sent_by: Mapped[str]
    returned_at: Mapped[datetime | None]
    duty_clause: Mapped[str | None] = mapped_column(SealedText("hops.duty_clause"))


class ContactTry(Model):
    """One try to reach the reviewer. Three, on two working days, one of them late, make “unreachable”."""

    __tablename__ = "contact_tries"
    __table_args__ = (Index("ix_contact_tries_case_id", "case_id"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    round: Mapped[int]
    element: Mapped[str]
    tried_at: Mapped[datetime]
    method: Mapped[str]
    by: Mapped[str]


class CoHandler(Model):
    """A department that helps (协办). The one that leads (主办) stays accountable."""

    __tablename__ = "co_handlers"

    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), primary_key=True, autoincrement=False)
    department: Mapped[str] = mapped_column(primary_key=True, index=True)
    asked_at: Mapped[datetime]
    contribution: Mapped[str | None] = mapped_column(SealedText("co_handlers.contribution"))
    contributed_at: Mapped[datetime | None]


class Incident(Model):
    """A step that could not be made. The case stands still until somebody has looked."""

    __tablename__ = "incidents"
    __table_args__ = (Index("ix_incidents_open", "case_id", postgresql_where=text("resolved_at is null")),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    code: Mapped[str]
    message: Mapped[str]
    opened_at: Mapped[datetime]
    resolved_at: Mapped[datetime | None]
    resolved_by: Mapped[str | None]


class Extension(Model):
    """A request for more time, and what became of it; once a round (XS 一(二)2, SX 十四, HK (六)).

    `limit` (so many days more) or `until` (a set day) is what was granted.
    """

    __tablename__ = "extensions"

    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), primary_key=True, autoincrement=False)
    round: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    element: Mapped[str]
    reason: Mapped[str] = mapped_column(SealedText("extensions.reason"))
    explained: Mapped[str] = mapped_column(SealedText("extensions.explained"))
    asked_at: Mapped[datetime]
    asked_by: Mapped[str]
    granted: Mapped[bool | None]
    limit: Mapped[str | None]
    until: Mapped[date | None]
    ruled_at: Mapped[datetime | None]
    ruled_by: Mapped[str | None]


class Reveal(Model):
    """One look at a reviewer's name and phone: who, in which post, for what, and until when it was good.

    `account` is an account's id. The purpose is encrypted: it may name the reviewer.
    """

    __tablename__ = "reveals"
    __table_args__ = (Index("ix_reveals_account", "account", "seen_at"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), index=True)
    reviewer: Mapped[int] = mapped_column(index=True)
    account: Mapped[str]
    for_account: Mapped[str | None]
    department: Mapped[str]
    post: Mapped[str]
    purpose: Mapped[str] = mapped_column(SealedText("reveals.purpose"))
    seen_at: Mapped[datetime]
    until: Mapped[datetime]


class CaseTerms(Model):
    """The words by which a case is found, each as a keyed number: who reads the table reads no word. See `search`."""

    __tablename__ = "case_terms"
    __table_args__ = (Index("ix_case_terms_terms", "terms", postgresql_using="gin"),)

    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), primary_key=True, autoincrement=False)
    terms: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))


class MessageMark(Model):
    """Up to which message of the outbox somebody has seen what they were told."""

    __tablename__ = "message_marks"

    account: Mapped[int] = mapped_column(ForeignKey("accounts.id"), primary_key=True, autoincrement=False)
    seen: Mapped[int]


class SavedFilter(Model):
    """A choice of the inbox that somebody keeps, for themselves or for their department; `query` as in its address."""

    __tablename__ = "saved_filters"
    __table_args__ = (
        UniqueConstraint("account", "name"),
        Index("ix_saved_filters_shared", "programme", "department", postgresql_where=text("is_shared")),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    account: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    programme: Mapped[str]
    department: Mapped[str]
    name: Mapped[str]
    query: Mapped[str]
    is_shared: Mapped[bool]
    saved_at: Mapped[datetime]
