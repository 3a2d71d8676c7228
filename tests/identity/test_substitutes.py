"""Standing in for a colleague on leave, with limits."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from threading import Barrier, Thread

import pytest
from flask import Flask
from sqlalchemy import select, update

from app.audit.models import AuditEntry
from app.db import db, unit_of_work
from app.errors import AppError
from app.identity.actor import Actor, Role
from app.identity.errors import AccountNotFound, SubstitutionNotAllowed, SubstitutionNotFound
from app.identity.models import Account
from app.identity.rights import RightMissing
from app.identity.substitutes import appoint_substitute, as_substitute, end_substitution, list_substitutions
from identity.conftest import AT, Make

TODAY = date(2025, 4, 1)
WEEK = timedelta(days=6)
LAST_SECOND = datetime.fromisoformat("2025-04-07T23:59:59.999999+08:00")


def appoint(actor: Actor, substitute: str = "han", from_on: date = TODAY, until_on: date = TODAY + WEEK, **more: str) -> int:
    with unit_of_work():
        return appoint_substitute(actor, substitute, from_on, until_on, AT, **more)


@pytest.fixture
def li(make_account: Make) -> Actor:
    return make_account("li", staff="s1")


@pytest.fixture
def han(make_account: Make) -> Actor:
    return make_account("han", staff="s2")


def test_a_substitute_acts_under_their_own_name_for_the_absent_one(li: Actor, han: Actor) -> None:
    number = appoint(li)
    acting = as_substitute(han, "li", AT)
    assert (acting.id, acting.login, acting.for_account) == (han.id, "han", li.id)
    assert acting.persons == {li.id, han.id}
    assert acting.staff_codes == {"s1", "s2"}
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.act == "appoint_substitute")).one()
    assert entry.payload == {
        "substitution": number, "absent": int(li.id), "substitute": int(han.id),
        "from_on": "2025-04-01", "until_on": "2025-04-07",
    }  # fmt: skip


def test_it_begins_and_ends_by_itself_with_the_days_in_china(li: Actor, han: Actor) -> None:
    appoint(li, from_on=TODAY + timedelta(days=1))
    begins = datetime.fromisoformat("2025-04-02T00:00:00+08:00")
    with pytest.raises(SubstitutionNotFound):
        as_substitute(han, "li", begins - timedelta(microseconds=1))
    assert as_substitute(han, "li", begins)
    assert as_substitute(han, "li", LAST_SECOND)
    with pytest.raises(SubstitutionNotFound):
        as_substitute(han, "li", LAST_SECOND + timedelta(microseconds=1))


@pytest.mark.parametrize(("from_day", "days", "fits"), [(0, 59, True), (0, 60, False), (-1, 3, False), (3, -1, False)])
def test_it_lasts_at_most_sixty_days_from_today_on(li: Actor, han: Actor, from_day: int, days: int, fits: bool) -> None:
    begins = TODAY + timedelta(days=from_day)
    if fits:
        assert appoint(li, from_on=begins, until_on=begins + timedelta(days=days))
        return
    with pytest.raises(SubstitutionNotAllowed):
        appoint(li, from_on=begins, until_on=begins + timedelta(days=days))


def test_only_a_colleague_who_handles_may_stand_in(li: Actor, make_account: Make) -> None:
    make_account("elsewhere", department="other")
    make_account("leader", Role.LEADER)
    make_account("gone")
    with unit_of_work() as session:
        session.execute(update(Account).where(Account.login == "gone").values(is_active=False))
    for login in ("elsewhere", "leader", "gone", "nobody"):
        with pytest.raises(AccountNotFound):
            appoint(li, login)
    with pytest.raises(SubstitutionNotAllowed):
        appoint(li, "li")


def test_nobody_has_two_and_nobody_stands_in_while_away(li: Actor, han: Actor, make_account: Make) -> None:
    wang = make_account("wang")
    appoint(li)
    for actor, substitute in ((li, "wang"), (han, "wang"), (wang, "li")):
        with pytest.raises(SubstitutionNotAllowed, match="已有代办安排"):
            appoint(actor, substitute)
    appoint(wang, "han")
    appoint(li, "wang", TODAY + timedelta(days=7), TODAY + timedelta(days=9))
    with pytest.raises(SubstitutionNotAllowed):
        appoint(as_substitute(han, "li", AT), "wang")
    with pytest.raises(SubstitutionNotFound):
        as_substitute(as_substitute(han, "li", AT), "wang", AT)


def test_a_heads_signature_goes_over_only_where_a_head_appoints(make_account: Make, han: Actor) -> None:
    head = make_account("head", Role.HEAD)
    appoint(head)
    assert as_substitute(han, "head", AT).role is Role.HEAD


def test_who_became_head_after_appointing_gives_no_signature_away(li: Actor, han: Actor) -> None:
    appoint(li)
    assert as_substitute(han, "li", AT).role is Role.HANDLER
    with unit_of_work() as session:
        session.execute(update(Account).where(Account.login == "li").values(role="head"))
    assert as_substitute(han, "li", AT).role is Role.HANDLER


def test_a_head_appoints_for_who_fell_ill_and_nobody_else_does(li: Actor, han: Actor, make_account: Make) -> None:
    head, wang = make_account("head", Role.HEAD), make_account("wang")
    with pytest.raises(SubstitutionNotAllowed):
        appoint(wang, "han", absent_login="li")
    appoint(head, "han", absent_login="li")
    assert as_substitute(han, "li", AT).for_account == li.id
    with pytest.raises(AccountNotFound):
        appoint(make_account("other-head", Role.HEAD, "other"), "han", absent_login="li")


@pytest.mark.parametrize("who", ["li", "han", "head"])
def test_those_concerned_end_it_early(li: Actor, han: Actor, make_account: Make, who: str) -> None:
    people = {"li": li, "han": han, "head": make_account("head", Role.HEAD)}
    number = appoint(li)
    for stranger in (make_account("wang"), make_account("far", Role.HEAD, "other")):
        with pytest.raises(SubstitutionNotFound):
            end_substitution(stranger, number, AT)
    assert [each.id for each in list_substitutions(han, AT)] == [number]
    with unit_of_work():
        end_substitution(people[who], number, AT)
    with pytest.raises(SubstitutionNotFound):
        as_substitute(han, "li", AT)
    assert not list_substitutions(han, AT)


@pytest.mark.parametrize("values", [{"department": "other"}, {"is_active": False}, {"role": "leader"}])
def test_it_is_over_when_one_of_the_two_leaves_the_department(li: Actor, han: Actor, values: dict[str, object]) -> None:
    appoint(li)
    with unit_of_work() as session:
        session.execute(update(Account).where(Account.login == "li").values(**values))
    with pytest.raises(SubstitutionNotFound):
        as_substitute(han, "li", AT)


def test_a_leader_has_nothing_to_stand_in_for(make_account: Make, han: Actor) -> None:
    with pytest.raises(RightMissing):
        appoint(make_account("leader", Role.LEADER))


def test_two_appointments_at_one_moment_are_one(database: Flask, li: Actor, make_account: Make) -> None:
    logins = [make_account(f"colleague-{number}").login for number in range(6)]
    gate, done = Barrier(6), []

    def try_it(login: str) -> None:
        with database.app_context():
            gate.wait()
            try:
                done.append(appoint(li, login))
            except AppError as error:
                done.append(error.code)

    threads = [Thread(target=try_it, args=(login,)) for login in logins]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert done.count("substitution_not_allowed") == 5
