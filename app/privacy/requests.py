"""Requests of reviewers to see, correct or delete what is known of them; the overseer answers. P4, PIPL 44-47, 50."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path

from sqlalchemy import insert, select

from app.audit.record import Act, record
from app.cases.reveal import Look, list_looks
from app.clock import SHANGHAI
from app.db import db, table_of
from app.identity.actor import REVIEWER, Actor, act_of
from app.identity.errors import ReviewerNotFound
from app.identity.models import Reviewer
from app.identity.reviewers import Person, correct_reviewer, phone_key, read_reviewer
from app.identity.rights import Right, require_right
from app.identity.vault import Vault
from app.intake.models import Review
from app.intake.reviews import words_place
from app.privacy.deleting import STREAM, delete_reviewer, note_outside
from app.privacy.errors import CaseStillOpen, NotTheOfficer, RequestInvalid, RequestNotFound
from app.privacy.models import DataRequest
from app.privacy.queries import cases_of, reviews_of
from app.programmes.versions import bundle_of, current_version

SEE, CORRECT, DELETE = KINDS = ("see", "correct", "delete")
# GB/T 35273 8.7: thirty days; the law says “in time” (r).
ANSWER_WITHIN = timedelta(days=30)


@dataclass(frozen=True, repr=False)
class Request:
    """What somebody asks for: `kind` is one of `KINDS`, `wish` the new name and phone of a correction."""

    programme: str
    reviewer: int
    kind: str
    wish: Mapping[str, str]


@dataclass(frozen=True, repr=False)
class ReviewHeld:
    """A review as its author may see it."""

    served_on: date
    record: str
    level: int
    words: str


@dataclass(frozen=True, repr=False)
class Held:
    """All that is known of a reviewer, for the reviewer alone. Never stored, never logged."""

    person: Person
    reviews: list[ReviewHeld]
    cases: list[str]
    looks: list[Look]


def receive_request(actor: Actor, reviewer: int, kind: str, now: datetime, wish: dict[str, str] | None = None) -> int:
    """Take a request in, from a person whose identity was checked; return its number.

    `wish` holds the new `name` and `phone` of a correction.

    Raises:
        RightMissing, NotTheOfficer: not the overseer's people.
        ReviewerNotFound: nobody of this programme.
        RequestInvalid: an unknown kind, or a correction without anything new.
    """
    _require_officer(actor)
    _require_known(reviewer, actor.programme)
    return _receive(Request(actor.programme, reviewer, kind, wish or {}), act_of(actor, "receive_request", {}), now)


def receive_own_request(asked: Request, phone: str, vault: Vault, now: datetime) -> int:
    """Take a request in from who holds the receipt of a review of theirs and knows the whole phone that is held.

    The overseer answers it like any other; asked for again while it is open, it stays one.

    Raises:
        ReviewerNotFound: another phone is held, or none.
        RequestInvalid: see `receive_request`.
    """
    held = read_reviewer(asked.reviewer, asked.programme, vault).phone
    if not held or phone_key(asked.programme, phone, vault) != phone_key(asked.programme, held, vault):
        raise ReviewerNotFound("这个手机号与办事时登记的不一样，请核对后再填。换过号码的，请拨打 12345。")
    same = [each for each in own_requests(asked.reviewer) if each.kind == asked.kind and each.answered_at is None]
    return same[0].id if same else _receive(asked, Act(REVIEWER, "receive_request"), now)


def own_requests(reviewer: int) -> list[DataRequest]:
    """Return a reviewer's requests, newest first."""
    return list(db.session.scalars(select(DataRequest).where(DataRequest.reviewer == reviewer).order_by(DataRequest.id.desc())))


def _receive(asked: Request, act: Act, now: datetime) -> int:
    new = {name: value for name, value in asked.wish.items() if name in {"name", "phone"} and value.strip()}
    if asked.kind not in KINDS or (asked.kind == CORRECT) != bool(new):
        raise RequestInvalid("请求须为查阅、更正或删除之一；更正须写明新的姓名或电话。")
    row = {
        "programme": asked.programme, "reviewer": asked.reviewer, "kind": asked.kind, "wish": new or None,
        "received_at": now, "received_by": act.actor, "due_on": (now.astimezone(SHANGHAI) + ANSWER_WITHIN).date(),
    }  # fmt: skip
    table = table_of(DataRequest)
    number: int = db.session.execute(insert(table).values(row).returning(table.c.id)).scalar_one()
    told = {"request": number, "kind": asked.kind, "reviewer": asked.reviewer}
    record(STREAM, replace(act, payload=act.payload | told), now)
    return number


def _require_officer(actor: Actor) -> None:
    """Refuse whoever is not of the programme's overseer or superior: they keep the reviewers' data for all departments."""
    require_right(actor, Right.DATA_REQUESTS)
    rules = bundle_of(current_version(actor.programme)).rules
    lane = rules.lanes[rules.overseer]
    if actor.department not in {lane.code, *lane.by_area.values(), rules.superior}:
        raise NotTheOfficer("个人信息请求由本方案的监督单位受理和答复。")


def _require_known(reviewer: int, programme: str) -> None:
    from_programme = select(Reviewer.id).where(Reviewer.id == reviewer, Reviewer.programme == programme)
    if db.session.scalar(from_programme) is None:
        raise ReviewerNotFound("没有这位评价人。")


def show_held(actor: Actor, request: int, vault: Vault, now: datetime) -> Held:
    """Answer a request to see: return all that is held, to be handed to the reviewer, and note the answer.

    Raises:
        RightMissing, NotTheOfficer, RequestNotFound: see there.
    """
    found = _open_request(actor, request, SEE)
    held = Held(
        read_reviewer(found.reviewer, found.programme, vault),
        [_held(each, vault) for each in reviews_of(found.reviewer)],
        [case.number for case in cases_of(found.reviewer)],
        list_looks(found.reviewer),
    )
    _answer(actor, found, True, None, now)
    return held


def _held(review: Review, vault: Vault) -> ReviewHeld:
    key = {name: getattr(review, name) for name in ("programme", "record", "visit", "sequence")}
    words = vault.open(review.words, words_place(key)) if review.words else ""
    return ReviewHeld(review.served_on, review.record, review.level, words)


def correct_held(actor: Actor, request: int, vault: Vault, now: datetime) -> None:
    """Answer a request to correct by doing so.

    Raises:
        RightMissing, NotTheOfficer, RequestNotFound, ReviewerNotFound: see there.
    """
    found = _open_request(actor, request, CORRECT)
    wish = found.wish or {}
    correct_reviewer(found.reviewer, wish.get("name"), wish.get("phone"), vault)
    _answer(actor, found, True, None, now)


def delete_held(actor: Actor, request: int, log: Path, now: datetime) -> None:
    """Answer a request to delete by doing so; `log` keeps it outside the database too.

    Raises:
        RightMissing, NotTheOfficer, RequestNotFound: see there.
        CaseStillOpen: a case of theirs has not ended; refuse with that reason, or wait.
    """
    found = _open_request(actor, request, DELETE)
    running = [case.number for case in cases_of(found.reviewer) if case.ended_at is None]
    if running:
        raise CaseStillOpen(f"还有未结束的差评 {'、'.join(running)}，办结并回访后才能删除。", cases=running)
    delete_reviewer(found.reviewer, now)
    _answer(actor, found, True, None, now)
    note_outside(log, found.reviewer, now)


def refuse_request(actor: Actor, request: int, reason: str, now: datetime) -> None:
    """Refuse a request with the reason that is told to the person.

    Raises:
        RightMissing, NotTheOfficer, RequestNotFound: see there.
        RequestInvalid: no reason.
    """
    found = _open_request(actor, request, *KINDS)
    if not reason.strip():
        raise RequestInvalid("不同意的，须写明理由并告知本人。")
    _answer(actor, found, False, reason.strip(), now)


def _open_request(actor: Actor, request: int, *kinds: str) -> DataRequest:
    _require_officer(actor)
    found = db.session.scalar(
        select(DataRequest)
        .where(DataRequest.id == request, DataRequest.programme == actor.programme, DataRequest.answered_at.is_(None))
        .with_for_update()
    )
    if found is None or found.kind not in kinds:
        raise RequestNotFound("没有这件待答复的个人信息请求。")
    return found


def _answer(actor: Actor, found: DataRequest, granted: bool, result: str | None, now: datetime) -> None:
    """Close a request; what it wished for is not kept beyond its answer."""
    found.granted, found.result, found.wish = granted, result, None
    found.answered_at, found.answered_by = now, actor.id
    db.session.flush()
    record(STREAM, act_of(actor, "answer_request", {"request": found.id, "granted": granted}), now)


def list_requests(actor: Actor) -> list[DataRequest]:
    """Return the programme's requests, those still to be answered first.

    Raises:
        RightMissing, NotTheOfficer: see there.
    """
    _require_officer(actor)
    query = select(DataRequest).where(DataRequest.programme == actor.programme)
    return list(db.session.scalars(query.order_by(DataRequest.answered_at.is_not(None), DataRequest.due_on, DataRequest.id)))
