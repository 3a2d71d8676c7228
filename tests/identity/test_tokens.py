"""Tokens of department systems."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from app.audit.models import AuditEntry
from app.clock import VirtualClock
from app.db import db, unit_of_work
from app.identity.actor import Actor, Role
from app.identity.errors import NotSignedIn, ScopeUnknown, TokenNotFound
from app.identity.models import Token
from app.identity.rights import Right, RightMissing, may
from app.identity.tokens import authenticate_token, issue_token, list_tokens, revoke_token
from identity.conftest import AT, AUDIT, SECURITY, SYSTEM

YEAR = AT + timedelta(days=365)


def issue(actor: Actor = SECURITY, scopes: tuple[str, ...] = ("send_records",)) -> str:
    with unit_of_work():
        return issue_token(actor, "不动产系统", "xs", "rated", scopes, YEAR, AT)


def test_a_system_acts_with_the_scopes_of_its_token(database: Flask) -> None:
    actor = authenticate_token(issue(), VirtualClock(AT))
    assert actor == Actor("token:1", Role.SYSTEM, "xs", "rated", name="不动产系统", scopes=frozenset({"send_records"}))
    assert may(actor, Right.SEND_RECORDS)
    assert not may(actor, Right.READ_CASES)


def test_a_token_is_told_from_a_session_and_kept_as_a_digest(database: Flask) -> None:
    token = issue()
    assert token.startswith("bht_")
    assert token.encode() not in {db.session.scalars(select(Token.digest)).one()}
    assert token not in str(db.session.scalars(select(AuditEntry)).one().payload)


def test_a_token_ends_on_its_day_or_when_it_is_revoked(database: Flask) -> None:
    token = issue()
    assert authenticate_token(token, VirtualClock(YEAR - timedelta(microseconds=1)))
    with pytest.raises(NotSignedIn):
        authenticate_token(token, VirtualClock(YEAR))
    with unit_of_work():
        revoke_token(SECURITY, list_tokens(SECURITY)[0].id, AT)
    with pytest.raises(NotSignedIn):
        authenticate_token(token, VirtualClock(AT))
    with pytest.raises(TokenNotFound):
        revoke_token(SECURITY, 1, AT)


@pytest.mark.parametrize("scopes", [(), ("reveal",), ("send_records", "submit_task"), ("everything",)])
def test_a_system_cannot_be_given_what_only_people_may(database: Flask, scopes: tuple[str, ...]) -> None:
    with pytest.raises(ScopeUnknown):
        issue(scopes=scopes)


@pytest.mark.parametrize("actor", [SYSTEM, AUDIT, Actor("1", Role.HEAD, "xs", "rated")])
def test_only_the_security_administrator_issues_and_revokes(database: Flask, actor: Actor) -> None:
    issue()
    with pytest.raises(RightMissing):
        issue(actor)
    with pytest.raises(RightMissing):
        revoke_token(actor, 1, AT)
    with pytest.raises(RightMissing):
        list_tokens(actor)


@pytest.mark.parametrize("token", ["", "bht_", "bht_x", "甲"])
def test_what_is_no_token_opens_nothing(database: Flask, token: str) -> None:
    with pytest.raises(NotSignedIn):
        authenticate_token(token, VirtualClock(AT))
