"""Everybody is told that they can review: once a day, however many matters, refusals and returns included (C10)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

import pytest
from sqlalchemy import select

from app.clock import SHANGHAI
from app.db import db
from app.intake.files import Report
from app.intake.invitations import matters_to_review
from app.outbox import OutboxMessage
from tests.intake.conftest import record, review

Take = Callable[..., Report]
pytestmark = [pytest.mark.usefixtures("catalogue"), pytest.mark.clause("C10")]


def invitations() -> list[OutboxMessage]:
    db.session.expire_all()
    return list(db.session.scalars(select(OutboxMessage).where(OutboxMessage.kind == "invitation")))


def test_an_agent_with_fifty_matters_gets_one_message_that_lists_what_is_not_reviewed_yet(take: Take) -> None:
    take("records", *(record(projectNo=f"P{n}") for n in range(25)))
    take("records", *(record(projectNo=f"P{n}") for n in range(20, 50)))
    (message,) = invitations()
    assert message.not_before.astimezone(SHANGHAI) == datetime(2025, 4, 1, 18, tzinfo=SHANGHAI)
    reviewer = message.body["reviewer"]
    take("reviews", review(projectNo="P7"))
    listed = matters_to_review("zb", reviewer, date(2025, 4, 1))
    assert len(listed) == 49
    assert ("P7", 1) not in listed


@pytest.mark.parametrize("state", ["4", "5"])
def test_who_was_refused_or_sent_away_is_invited_too(take: Take, state: str) -> None:
    assert take("records", record(proStatus=state, resultDate="")).added == 1
    assert len(invitations()) == 1


def test_a_message_names_nobody_and_old_services_invite_no_more(take: Take) -> None:
    take("records", record(), record(projectNo="P2", certKey="990001198001010023", serviceTime="2025-03-20 09:00:00"))
    (message,) = invitations()
    assert set(message.body) == {"reviewer", "day"}
    assert message.recipient == f"reviewer:{message.body['reviewer']}"
    take("records", record())
    assert len(invitations()) == 1
