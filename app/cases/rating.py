"""The review behind a case: its words for colleagues, whom it rates, and how far the matter is for who asks by number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import or_, select

from app.cases.errors import CaseNotFound, FormInvalid, NotYourTask
from app.cases.models import Case, Instance, Task
from app.cases.ownership import is_overseer
from app.cases.step import Step
from app.cases.visibility import came_by_hotline, visible_cases
from app.catalogue.models import CatalogueEntry
from app.db import db
from app.errors import NotFound
from app.identity.actor import Actor, Role
from app.identity.reviewers import read_reviewer, read_reviewers
from app.identity.rights import Right
from app.identity.vault import Vault, mask_text
from app.intake.complaints import words_of_complaint
from app.intake.corrections import correct_rated, list_corrections
from app.intake.models import Review, ServiceRecord
from app.intake.reasons import REASONS
from app.intake.reviews import words_place
from app.intake.served import ITEM_NAME, WINDOW_NAME, same_service
from app.programmes.versions import bundle_of

Facts = dict[str, Any]


class ReviewUnknown(NotFound):
    """The case is about a complaint: there is no rating."""

    code = "review_unknown"


def find_review(case_id: int) -> Review:
    """Return the review that opened a case.

    Raises:
        ReviewUnknown: a complaint did.
    """
    case = db.session.get_one(Case, case_id)
    key = (case.served_on, case.programme, case.record, case.visit, case.sequence)
    review = db.session.get(Review, key)
    if review is None:
        raise ReviewUnknown("这件工单由投诉转来，没有评价。")
    return review


def read_review(case_id: int, vault: Vault) -> Facts:
    """Return what the reviewer said: level, reasons with their labels, words; a complaint has words alone.

    Names and numbers that they wrote down themselves are masked: who must call has the reveal for that (P1).
    """
    try:
        review = find_review(case_id)
    except ReviewUnknown:
        return _complaint(db.session.get_one(Case, case_id), vault)
    [masked] = mask_words([review], vault)
    reasons = [{"code": code, "level": code[:1], "label": REASONS.get(code, "已停用的选项")} for code in review.reasons]
    shown = ("level", "staff_level", "channel", "marks", "is_late", "is_anonymous", "reviewed_at", "received_at")
    return {name: getattr(review, name) for name in shown} | {"reasons": reasons, "words": masked}


def read_service(case_id: int) -> Facts:
    """Return the service that was rated: its item, window and moments, by name; a complaint has none of them."""
    shown = (ITEM_NAME, WINDOW_NAME, ServiceRecord.received_at, ServiceRecord.finished_at)
    case = db.session.get_one(Case, case_id)
    row = db.session.execute(select(*shown).where(same_service(ServiceRecord, case))).mappings().first()
    return dict(row) if row else {}


@dataclass(frozen=True)
class Matter:
    """What was rated and why: the item's code and name, the codes of the reasons."""

    item: str
    name: str
    reasons: frozenset[str]


def find_matter(case_id: int) -> Matter | None:
    """Return what a case is about; a complaint rates no matter."""
    case = db.session.get_one(Case, case_id)
    service = (same_service(ServiceRecord, case), same_service(Review, ServiceRecord), Review.sequence == case.sequence)
    row = db.session.execute(select(ServiceRecord.item, ITEM_NAME, Review.reasons).where(*service)).first()
    return Matter(row[0], row[1], frozenset(row[2])) if row and row[1] else None


def mask_words(reviews: Sequence[Review], vault: Vault) -> list[str | None]:
    """Return what reviewers of one programme wrote as colleagues may read it; None where nothing, or it was deleted."""
    who = {each.reviewer for each in reviews if each.reviewer is not None}
    people = read_reviewers(who, reviews[0].programme, vault) if who else {}
    return [_masked(each, people[each.reviewer].name if each.reviewer is not None else "", vault) for each in reviews]


def _masked(review: Review, name: str, vault: Vault) -> str | None:
    words = review.words and vault.open(review.words, words_place(vars(review)))
    return mask_text(words, name) if words else None


def _complaint(case: Case, vault: Vault) -> Facts:
    words = words_of_complaint(case.programme, case.record, vault)
    name = read_reviewer(case.reviewer, case.programme, vault).name if case.reviewer is not None else ""
    return {
        "level": None, "staff_level": None, "channel": case.channel, "marks": [], "is_late": False,
        "is_anonymous": case.is_anonymous, "reviewed_at": case.received_at, "received_at": case.received_at, "reasons": [],
        "words": mask_text(words, name) if words else None,
    }  # fmt: skip


def correct_rating(step: Step, actor: Actor, staff: str | None, window: str | None, reason: str) -> None:
    """Put right whom a review rates: the overseer alone, both values kept; who is rated now is kept away from the case.

    Raises:
        NotYourTask: the actor is not of the overseer.
        FormInvalid: the rated department has no such staff or window.
        ReviewUnknown: a complaint rates nobody.
    """
    if not is_overseer(step, actor):
        raise NotYourTask("评价对象只能由监督单位更正。")
    for kind, code, label in (("staff", staff, "人员"), ("window", window, "窗口")):
        if code is not None and not _is_listed(step, kind, code):
            raise FormInvalid(f"{label}：被评价单位的名录里没有 {code[:40]}。", fields={label: "不在名录里"})
    correct_rated(find_review(step.case_id), staff, window, reason, actor.id, step.now)
    step.change(rated_staff=staff)
    step.audit("correct_rated", staff=staff, window=window)


def _is_listed(step: Step, kind: str, code: str) -> bool:
    entry = select(CatalogueEntry.code).where(
        CatalogueEntry.programme == step.loaded.programme,
        CatalogueEntry.kind == kind,
        CatalogueEntry.code == code,
        CatalogueEntry.department == step.get("rated_department"),
    )
    return db.session.scalar(entry) is not None


def read_corrections(case_id: int) -> list[Facts]:
    """Return what was put right about whom the review rates."""
    return list_corrections(find_review(case_id))


def read_progress(number: str, actor: Actor) -> Facts:
    """Return how far a matter is, for somebody who is asked on the phone: no words, no names, what is being done, by when.

    A clerk asks about what came by 12345, by its number, the service's or ours; others about cases of theirs.

    Raises:
        CaseNotFound: there is none, or none that the actor may ask about.
    """
    by_hotline = came_by_hotline(actor.programme)
    theirs = by_hotline if actor.role is Role.CLERK else visible_cases(actor, Right.READ_PROGRESS)
    of_number = or_(Case.number == number, (Case.record == number) & by_hotline)
    query = select(Case).where(Case.programme == actor.programme, theirs, of_number).order_by(Case.id.desc()).limit(1)
    case = db.session.scalar(query)
    if case is None:
        raise CaseNotFound("没有这个工单号。")
    return {
        "number": case.number, "status": case.status, "outcome": case.outcome, "received_at": case.received_at,
        "closed_at": case.closed_at, "steps": _waiting(case.id),
    }  # fmt: skip


def _waiting(case_id: int) -> list[Facts]:
    bundle = bundle_of(db.session.scalars(select(Instance.version).where(Instance.case_id == case_id)).one())
    query = select(Task.element, Task.due_at).where(Task.case_id == case_id, Task.ended_at.is_(None)).order_by(Task.due_at)
    nodes = bundle.program.definition.nodes
    return [{"name": nodes[element].name, "due_at": due_at} for element, due_at in db.session.execute(query)]
