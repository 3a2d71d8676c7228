"""Draws: commit to a secret, freeze the pool, call the drawn, replace who cannot be reached, publish. XS 一(二)4."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from fractions import Fraction
from typing import Any

from sqlalchemy import insert, select, update

from app.audit.record import Act, record
from app.cases.models import Case, Round
from app.db import db, table_of
from app.errors import Conflict
from app.identity.actor import CLOCK
from app.identity.vault import Vault
from app.programmes.rules import DrawRule
from app.revisits.models import Draw, DrawMember
from app.revisits.periods import Period
from app.revisits.recipe import Pool, order, pool_digest, size

# A member that takes no more calls, with or without one having been made.
SETTLED = frozenset({"made", "unreachable", "voided"})


class DrawNotOver(Conflict):
    """The calls of this draw are not over; until then its list stays secret."""

    code = "draw_not_over"


def commit_to(programme: str, period: Period, rule: DrawRule, vault: Vault, secret: bytes, now: datetime) -> None:
    """Publish the digest of a random secret (32 bytes) for a period that has not opened; once only.

    A period that is already running when the programme starts gets its secret late, and
    the record shows when.
    """
    known = select(Draw.id).where(Draw.programme == programme, Draw.period == period.name)
    if db.session.scalar(known) is not None:
        return
    commitment = hashlib.sha256(secret).hexdigest()
    row = {
        "programme": programme,
        "period": period.name,
        "opens_at": period.opens_at,
        "freezes_at": period.freezes_at,
        "share": str(rule.share),
        "commitment": commitment,
        "committed_at": now,
        "secret": vault.seal(secret.hex(), secret_place(programme, period.name)),
    }
    db.session.execute(insert(table_of(Draw)), row)
    record(f"draw:{programme}", Act(CLOCK, "commit", {"period": period.name, "commitment": commitment}), now)


def secret_place(programme: str, period: str) -> str:
    """Return the place for which a draw's secret is sealed."""
    return f"draws.secret.{programme}/{period}"


def list_unfrozen(now: datetime) -> list[Draw]:
    """Return the draws whose period is over and whose pool is not frozen yet."""
    query = select(Draw).where(Draw.freezes_at <= now, Draw.frozen_at.is_(None)).order_by(Draw.id)
    return list(db.session.scalars(query.with_for_update(skip_locked=True)))


def freeze(draw: Draw, vault: Vault, now: datetime) -> None:
    """Seal the pool and draw: the first ⌈share × n⌉ of each department in the recipe's order.

    The pool is the cases whose round closed in the period, not voided and not linked.
    """
    closed = _closed_rounds(draw)
    pool: Pool = defaultdict(list)
    for number, department, _case, _round in closed:
        pool[department].append(number)
    keys = {number: (case, round_) for number, _department, case, round_ in closed}
    rows = [
        _member(draw, department, position, number, keys[number], drawn=position < size(Fraction(draw.share), len(numbers)))
        for department, numbers in order(_secret(draw, vault), pool).items()
        for position, number in enumerate(numbers)
    ]
    if rows:
        db.session.execute(insert(table_of(DrawMember)), rows)
    draw.frozen_at, draw.pool_digest = now, pool_digest(pool)
    payload = {"period": draw.period, "pool_digest": draw.pool_digest, "size": len(rows)}
    record(f"draw:{draw.programme}", Act(CLOCK, "freeze", payload), now)


def _closed_rounds(draw: Draw) -> list[tuple[str, str, int, int]]:
    """Return number, department, case and round of the pool; the last closed round of each case."""
    query = (
        select(Case.number, Case.department, Case.id, Round.number)
        .join(Round, Round.case_id == Case.id)
        .where(Case.programme == draw.programme, Case.voided_at.is_(None), Case.linked_to.is_(None), Case.status == "closed")
        .where(Round.closed_at >= draw.opens_at, Round.closed_at < draw.freezes_at, Round.number == Case.round)
        .order_by(Case.number)
    )
    return [(number, department, case, round_) for number, department, case, round_ in db.session.execute(query)]


def _member(draw: Draw, department: str, position: int, number: str, key: tuple[int, int], *, drawn: bool) -> dict[str, Any]:
    return {
        "draw_id": draw.id,
        "case_id": key[0],
        "round": key[1],
        "number": number,
        "department": department,
        "position": position,
        "status": "drawn" if drawn else "waiting",
    }


def _secret(draw: Draw, vault: Vault) -> bytes:
    return bytes.fromhex(vault.open(draw.secret, secret_place(draw.programme, draw.period)))


def settle(draw: Draw, now: datetime) -> None:
    """Replace drawn cases that cannot be called by the next of their department; spare the rest when calls are over."""
    for members in _by_department(draw).values():
        _note_voided(members)
        _replace(members)
        if all(member.status in SETTLED | {"waiting"} for member in members):
            for member in members:
                member.status = "spared" if member.status == "waiting" else member.status
    if draw.finished_at is None and all(each.status in SETTLED | {"spared"} for each in _members(draw)):
        draw.finished_at = now
        record(f"draw:{draw.programme}", Act(CLOCK, "finish", {"period": draw.period}), now)


def _members(draw: Draw) -> list[DrawMember]:
    query = select(DrawMember).where(DrawMember.draw_id == draw.id).order_by(DrawMember.department, DrawMember.position)
    return list(db.session.scalars(query))


def _by_department(draw: Draw) -> dict[str, list[DrawMember]]:
    found = defaultdict(list)
    for member in _members(draw):
        found[member.department].append(member)
    return found


def _note_voided(members: list[DrawMember]) -> None:
    """Mark drawn cases whose rating was voided before they were called."""
    drawn = [member.case_id for member in members if member.status == "drawn"]
    voided = set(db.session.scalars(select(Case.id).where(Case.id.in_(drawn), Case.voided_at.is_not(None))))
    for member in members:
        if member.case_id in voided:
            member.status = "voided"


def _replace(members: list[DrawMember]) -> None:
    """Draw the next in order for each that was lost and has no replacement yet."""
    replaced = {member.replaces for member in members if member.replaces is not None}
    lost = [member for member in members if member.status in {"unreachable", "voided"} and member.case_id not in replaced]
    for member in lost:
        following = next((each for each in members if each.status == "waiting"), None)
        if following is not None:
            following.status, following.replaces = "drawn", member.case_id


def list_to_tell() -> Iterable[tuple[int, bool]]:
    """Return the cases that are to hear the result: drawn ones at once, spared ones when calls are over."""
    query = select(DrawMember.case_id, DrawMember.status).where(
        DrawMember.told_at.is_(None), DrawMember.status.in_(["drawn", "spared"])
    )
    return [(case, status == "drawn") for case, status in db.session.execute(query.order_by(DrawMember.case_id))]


def mark_told(case_id: int, now: datetime) -> None:
    """Note that a case heard the result."""
    told = (DrawMember.case_id == case_id, DrawMember.told_at.is_(None), DrawMember.status.in_(["drawn", "spared", "voided"]))
    db.session.execute(update(DrawMember).where(*told).values(told_at=now))


def list_frozen() -> list[Draw]:
    """Return the draws whose calls go on."""
    query = select(Draw).where(Draw.frozen_at.is_not(None), Draw.finished_at.is_(None)).order_by(Draw.id)
    return list(db.session.scalars(query.with_for_update(skip_locked=True)))


def list_members(draw: Draw) -> list[DrawMember]:
    """Return the pool in the order of the draw, by department, with what became of each.

    Raises:
        DrawNotOver: the list is still secret.
    """
    if draw.finished_at is None:
        raise DrawNotOver("这一期的回访还没有结束，名单暂不公布。", period=draw.period)
    return _members(draw)


def publish_draw(draw: Draw, vault: Vault) -> dict[str, Any]:
    """Return what is published when the calls are over: all that a recomputation needs.

    Raises:
        DrawNotOver: the list is still secret.
    """
    members = list_members(draw)
    pool: Pool = defaultdict(list)
    for member in members:
        pool[member.department].append(member.number)
    return {
        "programme": draw.programme,
        "period": draw.period,
        "share": draw.share,
        "commitment": draw.commitment,
        "secret": _secret(draw, vault).hex(),
        "pool": pool,
        "pool_digest": draw.pool_digest,
        "members": {member.number: member.status for member in members},
    }
