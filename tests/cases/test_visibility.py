"""Who sees which case. What is not one's own answers as if it were not there."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from cases.conftest import OTHER, RATED, Driver, person
from sqlalchemy import select, update

from app.cases.errors import CaseNotFound
from app.cases.joint import ask_for_help
from app.cases.models import Case
from app.cases.visibility import find_visible, visible_cases
from app.clock import VirtualClock
from app.db import db, unit_of_work
from app.identity.actor import ADMINISTRATORS, Actor, Role
from app.programmes.bundle import SHIPPED, Bundle, read_bundle
from app.programmes.versions import publish

# A department that the programme names, but for another area.
RATING, AREA, HELPING = "staff-7", "532801", "xs-lead-menghai"


@pytest.fixture
def case(make_case: Callable[..., Driver]) -> Driver:
    """A case of XS in Jinghong that rates a person of the window, still with who sends it on; and one of another programme."""
    make_case("gc", department=OTHER)
    made = make_case("xs", staff=RATING)
    with unit_of_work() as session:
        session.execute(update(Case).where(Case.id == made.case_id).values(area=AREA))
    return made


def sees(actor: Actor, case: Driver) -> bool:
    """Whether the list has the case; the number must find it exactly then, and say no more otherwise."""
    number = case.case.number
    listed = case.case_id in db.session.scalars(select(Case.id).where(visible_cases(actor))).all()
    if listed:
        assert find_visible(number, actor) == case.case_id
        return True
    with pytest.raises(CaseNotFound) as refused:
        find_visible(number, actor)
    assert refused.value.as_dict() == {"code": "case_not_found", "message": "没有这个工单号。", "details": {"number": number}}
    return False


def system(*scopes: str, department: str = RATED) -> Actor:
    return Actor("token:1", Role.SYSTEM, "xs", department, scopes=frozenset(scopes))


def test_the_rated_department_the_leaders_and_the_auditors_see_it(case: Driver) -> None:
    for role in (Role.HANDLER, Role.HEAD, Role.LEADER, Role.AUDITOR):
        assert sees(Actor("1", role, "xs", RATED), case)


@pytest.mark.parametrize("role", [Role.HANDLER, Role.HEAD, Role.LEADER, Role.AUDITOR])
def test_nobody_of_another_programme_sees_it(case: Driver, role: Role) -> None:
    assert not sees(Actor("1", role, "gc", RATED), case)
    assert not sees(Actor("1", role, "", ""), case)


@pytest.mark.parametrize("department", ["xs-affairs-centre", "xs-affairs-bureau", "xs-lead-jinghong"])
def test_overseer_superior_and_the_lead_of_its_area_see_it(case: Driver, department: str) -> None:
    assert sees(person("xs", department), case)


def test_the_lead_of_another_area_does_not_see_it(case: Driver) -> None:
    assert not sees(person("xs", "xs-lead-mengla"), case)


def test_a_new_version_says_at_once_who_is_superior(case: Driver, clock: VirtualClock) -> None:
    old, new = person("xs", "xs-affairs-bureau"), person("xs", OTHER)
    assert (sees(old, case), sees(new, case)) == (True, False)
    shipped = read_bundle(SHIPPED / "xs")
    rules = re.sub(r'"xs-affairs-bureau"', f'"{OTHER}"', shipped.rules_file.decode())
    try:
        with unit_of_work():
            publish(Bundle(shipped.diagram, rules.encode()), "owner", clock.moment)
        assert (sees(old, case), sees(new, case)) == (False, True)
    finally:
        with unit_of_work():
            publish(shipped, "owner", clock.moment)
    assert (sees(old, case), sees(new, case)) == (True, False)


def test_another_department_sees_it_once_it_handles_or_helps_and_ever_after(case: Driver) -> None:
    assert not sees(person("xs", OTHER), case)
    case.do("forward", department=OTHER)
    assert sees(person("xs", OTHER), case)
    assert not sees(person("xs", HELPING), case)
    handler = person("xs", OTHER)
    case.act(lambda step: ask_for_help(step, handler, HELPING), handler)
    assert sees(person("xs", HELPING), case)


def test_who_had_a_task_goes_on_seeing_it(case: Driver) -> None:
    lead = person("xs", case.open_tasks()["forward"].department)
    assert lead.department == "xs-lead-prefecture"
    case.do("forward")
    assert "forward" not in case.open_tasks()
    assert sees(lead, case)


@pytest.mark.clause("P3")
def test_the_rated_person_sees_only_their_own_summary_whatever_their_post(case: Driver) -> None:
    for role in (Role.HANDLER, Role.HEAD):
        assert not sees(Actor("1", role, "xs", RATED, RATING), case)
        assert not sees(Actor("1", role, "xs", "xs-affairs-centre", RATING), case)
        assert not sees(Actor("1", role, "xs", RATED, for_account="2", for_staff=RATING), case)
        assert sees(Actor("1", role, "xs", RATED, "staff-8"), case)
    assert sees(Actor("1", Role.WINDOW, "xs", RATED, RATING), case)
    assert not sees(Actor("1", Role.WINDOW, "xs", RATED, "staff-8"), case)
    assert not sees(Actor("1", Role.WINDOW, "xs", RATED), case)


@pytest.mark.parametrize("role", [*sorted(ADMINISTRATORS), Role.PROCESS_OWNER])
def test_administrators_and_process_owners_see_none(case: Driver, role: Role) -> None:
    assert not sees(Actor("1", role, "xs", "xs-affairs-centre"), case)


def test_a_system_sees_its_departments_cases_if_its_token_says_so(case: Driver) -> None:
    assert sees(system("read_cases"), case)
    assert not sees(system("send_records"), case)
    assert not sees(system("read_cases", department="xs-affairs-centre"), case)


def test_a_clerk_finds_what_the_hotline_handed_over_by_its_number_and_lists_nothing(case: Driver) -> None:
    clerk = Actor("1", Role.CLERK, "xs", "hotline")
    with pytest.raises(CaseNotFound):
        find_visible(case.case.number, clerk)
    with unit_of_work() as session:
        session.execute(update(Case).where(Case.id == case.case_id).values(channel="12345"))
    assert find_visible(case.case.number, clerk) == case.case_id
    assert not db.session.scalars(select(Case.id).where(visible_cases(clerk))).all()
