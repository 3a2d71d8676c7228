"""Handing suspected breaches over, beside the main path. SX 十八, L5."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update

from app.audit.record import Act, record
from app.cases.models import Case
from app.cases.ownership import is_overseer
from app.cases.step import Step
from app.cases.visibility import Concern, concerns_of
from app.db import db, table_of
from app.errors import Conflict, NotFound, NotPermitted
from app.identity.actor import REVIEWER, Actor, Role
from app.supervision.models import Referral


class OverseerOnly(NotPermitted):
    """Only the overseer refers, only overseer and discipline body see."""

    code = "overseer_only"


class ReferralNotFound(NotFound):
    """There is no such referral in this programme."""

    code = "referral_not_found"


class ReferralNotOpen(Conflict):
    """The referral is answered."""

    code = "referral_not_open"


def refer_matter(step: Step, actor: Actor, grounds: str) -> None:
    """Refer a suspected breach to the discipline body; the case goes on.

    Raises:
        OverseerOnly: the actor is not of the overseer.
        MessageNotExpected: not from verification on, or already referred in this round.
    """
    if not is_overseer(step, actor):
        raise OverseerOnly("只有监督单位可以移交涉嫌违纪违法线索。")
    step.brought = {"grounds": grounds, "by": actor.id}
    step.send("refer")


def refer(step: Step) -> None:
    """Store what was referred; the diagram calls this."""
    store_referral(step.case_id, step.loaded.programme, "breach", step.brought["grounds"], step.brought["by"], step.now)


def store_referral(case: int, programme: str, kind: str, grounds: str, by: str, at: datetime) -> None:
    """Open a referral (`kind` breach or reprisal) with its own stream."""
    row = {"case_id": case, "programme": programme, "kind": kind, "grounds": grounds, "referred_at": at, "referred_by": by}
    number = db.session.scalar(insert(Referral).values(row).returning(Referral.id))
    record(f"referral:{number}", Act(by, "refer", {"case": case, "kind": kind}), at)


def report_pressure(case: int, programme: str, words: str, now: datetime) -> None:
    """Take in what a reviewer says of pressure because of a review: a suspected reprisal (C9, S6).

    The case gets no trace of it. Said again in the same words while it is open, it stays one.
    """
    query = select(Referral.grounds).where(Referral.case_id == case, Referral.kind == "reprisal", Referral.answered_at.is_(None))
    if words not in db.session.scalars(query):
        store_referral(case, programme, "reprisal", words, REVIEWER, now)


def answer_referral(referral: int, actor: Actor, result: str, now: datetime) -> None:
    """Record what the discipline body found.

    Raises:
        OverseerOnly: the actor is not an auditor of this programme.
        ReferralNotFound: there is none in it.
        ReferralNotOpen: it is answered.
    """
    if actor.role is not Role.AUDITOR:
        raise OverseerOnly("只有纪检监察机构可以办理移交线索。")
    mine = (Referral.id == referral, Referral.programme == actor.programme)
    found = db.session.scalar(select(Referral).where(*mine).with_for_update())
    if found is None:
        raise ReferralNotFound("没有这条移交线索。")
    if found.answered_at is not None:
        raise ReferralNotOpen("这条移交线索已经办理答复。")
    values = {"result": result, "answered_at": now, "answered_by": actor.id}
    db.session.execute(update(Referral).where(Referral.id == referral).values(**values))
    record(f"referral:{referral}", Act(actor.id, "answer_referral"), now)


def require_reader(actor: Actor) -> None:
    """Refuse whoever is neither of the overseer nor of the discipline body.

    Raises:
        OverseerOnly: with words that tell nothing of what there is.
    """
    if Concern.REFERRALS not in concerns_of(actor):
        raise OverseerOnly("移交线索只对监督单位和纪检监察机构开放。")


def list_referrals(actor: Actor) -> list[dict[str, Any]]:
    """Return the referrals an actor may see: all of the programme for overseer and discipline body, else none."""
    if Concern.REFERRALS not in concerns_of(actor):
        return []
    query = select(table_of(Referral), Case.number.label("case")).join(Case, Case.id == Referral.case_id)
    mine = query.where(Referral.programme == actor.programme).order_by(Referral.id)
    return [dict(row) for row in db.session.execute(mine).mappings()]
