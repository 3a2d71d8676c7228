"""Seeing who the reviewer is: for a purpose, by who must call them, and on the record. SX 五, HK (三)(九), P1."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from app.audit.record import Act, record
from app.cases.errors import FormInvalid, NotYourTask
from app.cases.ownership import require_no_interest
from app.cases.step import Step
from app.db import db
from app.errors import NotFound
from app.identity.actor import Actor
from app.identity.models import Reviewer
from app.identity.vault import Vault, mask_name, mask_phone


class ReviewerUnknown(NotFound):
    """The review is anonymous, or came without a person."""

    code = "reviewer_unknown"


@dataclass(frozen=True)
class Contact:
    """A reviewer's name and phone, plain or masked."""

    name: str
    phone: str


def masked_contact(step: Step, vault: Vault) -> Contact:
    """Return what everybody who works on the case sees: 张**, 138****1234; empty when nobody is known."""
    if step.get("is_anonymous") or step.get("reviewer") is None:
        return Contact("", "")
    plain = _open(step, vault)
    return Contact(mask_name(plain.name), mask_phone(plain.phone))


def reveal_contact(step: Step, actor: Actor, purpose: str, vault: Vault) -> Contact:
    """Return name and phone to somebody who must call back; the look is recorded before it is shown.

    Raises:
        FormInvalid: no purpose is given.
        NotYourTask: no open step of this case is the actor's.
        ConflictOfInterest: the actor is the rated person.
        ReviewerUnknown: the review is anonymous.
    """
    if not purpose.strip():
        raise FormInvalid("用途：查看评价人联系方式须写明用途。", fields={"用途": "必填"})
    mine = [task for task in step.loaded.tasks.values() if task.department == actor.department]
    if actor.programme != step.loaded.programme or not actor.handles or not mine:
        raise NotYourTask("只有正在承办这件差评、需要联系评价人的单位可以查看。")
    require_no_interest(step, actor, judging=False)
    if step.get("is_anonymous") or step.get("reviewer") is None:
        raise ReviewerUnknown("这件差评是匿名的，没有联系方式。")
    looked = Act(actor.id, "reveal", {"case": step.case_id, "reviewer": step.get("reviewer"), "purpose": purpose})
    record("identity", looked, step.now)
    step.audit("reveal", reviewer=step.get("reviewer"))
    return _open(step, vault)


def _open(step: Step, vault: Vault) -> Contact:
    row = db.session.execute(
        select(Reviewer.person_index, Reviewer.name, Reviewer.phone).where(Reviewer.id == step.get("reviewer"))
    ).one()

    def plain(column: str, sealed: bytes | None) -> str:
        return vault.open(sealed, f"reviewers.{column}.{row.person_index}") if sealed else ""

    return Contact(plain("name", row.name), plain("phone", row.phone))
