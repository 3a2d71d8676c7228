"""Putting a rating in question: by appeal, by claim, and with evidence."""

from __future__ import annotations

from sqlalchemy import insert, select

from app.appeals.errors import AppealOpen, HeadMustApply, NoAppealOpen
from app.appeals.models import Appeal, Evidence
from app.cases.acts import verify
from app.cases.errors import NotYourTask
from app.cases.registry import Form
from app.cases.step import Step, iso
from app.cases.store import OpenTask
from app.cases.windows import message_event, require_handling_department, require_open_window
from app.db import db, table_of
from app.identity.actor import Actor, Role

# The class of handling that says: this rating is mistaken or malicious.
CLAIM = "claim"


def apply_for_review(step: Step, actor: Actor, matter: str, reasons: str, opinion: str) -> None:
    """Apply for a review of the rating (附件3). Handling and its limit run on beside it. XS 二(二)1, HK (九).

    Raises:
        HeadMustApply: the unit's opinion must be signed by its head.
        AppealOpen: one is open already.
        WindowClosed: too late.
    """
    require_handling_department(step, actor)
    if actor.role is not Role.HEAD:
        raise HeadMustApply("复核申请须由单位负责人签署单位意见后提出。")
    if find_open(step) is not None:
        raise AppealOpen("已有一件复核申请在审查，裁定后才能再提。")
    require_open_window(step, message_event(step, "appeal"))
    _store(step, "appeal", actor.id, matter, reasons, opinion)
    step.audit("appeal", round=step.round)
    step.send("appeal", appealed_at=iso(step.now))


def claim(step: Step, task: OpenTask, form: Form) -> None:
    """Claim in writing that the review is mistaken or malicious. GC 二(三)."""
    _store(step, "claim", step.actor, str(form["ground"]), str(form["evidence"]), "")
    step.audit("claim", ground=form["ground"])


def verify_and_claim(step: Step, task: OpenTask, form: Form) -> None:
    """Verify; what is held mistaken or malicious is a claim from then on, so that evidence is heard. L7, ZB 13, SX 十四.

    Raises:
        FormInvalid, HandlingNotOpen: see `verify`.
    """
    verify(step, task, form)
    if form["handling"] == CLAIM and not step.definition.with_act("claim"):
        claim_by_verification(step)


def claim_by_verification(step: Step) -> None:
    """Keep the claim that a verification made, where no step of its own asks for it. ZB 13, SX 十四."""
    if find_open(step) is None:
        _store(step, "claim", step.actor, "claim", "", "")
        step.audit("claim")


def _store(step: Step, kind: str, by: str, matter: str, reasons: str, opinion: str) -> None:
    row = {
        "case_id": step.case_id,
        "kind": kind,
        "round": step.round,
        "department": step.get("department"),
        "matter": matter,
        "reasons": reasons,
        "opinion": opinion,
        "applied_at": step.now,
        "applied_by": by,
    }
    db.session.execute(insert(table_of(Appeal)), row)


def find_open(step: Step) -> Appeal | None:
    """Return the appeal or claim that is not ruled yet."""
    return db.session.scalar(select(Appeal).where(Appeal.case_id == step.case_id, Appeal.upheld.is_(None)))


def add_evidence(step: Step, actor: Actor, words: str) -> None:
    """Add evidence or defence, as the rated department or as the staff concerned. XS 二(二)3, P3.

    Raises:
        NotYourTask: the actor is neither.
        NoAppealOpen: nothing is being reviewed.
    """
    is_staff = actor.staff is not None and actor.staff == step.get("rated_staff")
    speaks = actor.handles and actor.department == step.get("rated_department")
    if actor.programme != step.loaded.programme or not (is_staff or speaks):
        raise NotYourTask("只有被评价单位和当事工作人员可以举证、申辩。")
    appeal = find_open(step)
    if appeal is None:
        raise NoAppealOpen("现在没有正在审查的复核或申诉。")
    side = "staff" if is_staff else "department"
    row = {"appeal_id": appeal.id, "side": side, "text": words, "added_at": step.now, "added_by": actor.id}
    db.session.execute(insert(table_of(Evidence)), row)
    step.audit("evidence", appeal=appeal.id, side=side)
