"""Cases to be drawn, and a draw with its calls."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from cases.conftest import OTHER, RATED, Driver, city, make_case, person  # noqa: F401  fixtures
from sqlalchemy import select

from app.cases.acts import record_try
from app.clock import VirtualClock
from app.db import db, unit_of_work
from app.identity.vault import Vault
from app.jobs import work
from app.revisits import draws
from app.revisits.models import Draw, DrawMember

Make = Callable[..., Driver]
SECRET = bytes(range(32))


@pytest.fixture
def month(make_case: Make, vault: Vault, clock: VirtualClock) -> Callable[..., list[Driver]]:  # noqa: F811
    """Return a maker of April: the draw committed to in March, so many cases closed, and 1 May come."""

    def run(rated: int = 7, other: int = 3) -> list[Driver]:
        clock.set(datetime.fromisoformat("2025-03-20T09:00+08:00"))
        work.draw(clock, vault, lambda: SECRET)
        clock.set(datetime.fromisoformat("2025-04-01T09:00+08:00"))
        cases = [make_case("xs", department=department) for department in [RATED] * rated + [OTHER] * other]
        for case in cases:
            close(case)
        return cases

    return run


def close(case: Driver) -> None:
    case.do("forward", department=case.case.rated_department)
    for element in ("verify", "rectify_clear", "answer", "report"):
        case.do(element)


def freeze(clock: VirtualClock, vault: Vault) -> None:
    clock.set(datetime.fromisoformat("2025-05-01T00:00+08:00"))
    work.draw(clock, vault, lambda: SECRET)


def april() -> Draw:
    db.session.expire_all()
    return db.session.scalars(select(Draw).where(Draw.programme == "xs", Draw.period == "2025-04")).one()


def members(**where: Any) -> list[DrawMember]:
    db.session.expire_all()
    ordered = select(DrawMember).filter_by(draw_id=april().id, **where).order_by(DrawMember.department, DrawMember.position)
    return list(db.session.scalars(ordered))


def call_all(clock: VirtualClock, vault: Vault, cases: list[Driver], *, unreachable: int = 0) -> None:
    """Call whoever is drawn until nobody is left; the first so many cannot be reached."""
    clock.set(clock.moment + timedelta(days=5, hours=9))  # the first working day of May
    by_id = {case.case_id: case for case in cases}
    while drawn := members(status="drawn"):
        case = by_id[drawn[0].case_id]
        for hours in (0, 9, 24) if unreachable else ():
            call(case, hours)
        case.do("revisit", result="unreachable" if unreachable else "fixed")
        unreachable = max(unreachable - 1, 0)
        work.draw(clock, vault, lambda: SECRET)


def call(case: Driver, hours: int) -> None:
    case.clock.set(case.clock.moment + timedelta(hours=hours))
    case.act(lambda step: record_try(step, "revisit", "sms", person("xs", "xs-affairs-centre")))


def published(vault: Vault) -> dict[str, Any]:
    with unit_of_work():
        return json.loads(json.dumps(draws.publish_draw(april(), vault)))
