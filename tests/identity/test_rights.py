"""Rights: each stands once, and each role has those it should."""

from __future__ import annotations

import pytest

from app.identity.actor import ADMINISTRATORS, Actor, Role
from app.identity.rights import LABELS, RIGHTS, SYSTEM_RIGHTS, Right, RightMissing, may, require_right

# Written out once more on purpose: a right given by mistake must differ from something.
MATRIX = {
    Role.HANDLER: "submit_task sign_task ask_extension bounce add_evidence take_objection refer read_referrals joint contact "
    "reveal read_cases read_own_ratings read_inbox read_catalogue read_reviews correct_rated read_progress read_draws "
    "read_programmes read_deadlines hand_over substitute own_session data_requests type_cards",
    Role.CLERK: "take_complaint take_calls read_progress read_catalogue read_programmes own_session",
    Role.WINDOW: "add_evidence read_own_ratings read_catalogue read_programmes own_session",
    Role.LEADER: "read_figures read_cases read_reviews read_progress read_draws read_deadlines read_catalogue "
    "read_programmes own_session",
    Role.AUDITOR: "answer_referral read_referrals read_cases read_reviews read_progress read_draws read_deadlines "
    "read_catalogue read_programmes own_session",
    Role.PROCESS_OWNER: "read_deadlines read_catalogue read_programmes own_session",
    Role.SYSTEM_ADMIN: "edit_catalogue resume_cases load_calendar read_catalogue read_programmes own_session",
    Role.SECURITY_ADMIN: "read_accounts edit_accounts issue_tokens read_catalogue read_programmes own_session",
    Role.AUDIT_ADMIN: "read_audit seal_audit read_looks read_accounts read_catalogue read_programmes own_session",
    Role.SYSTEM: "",
}
MATRIX[Role.HEAD] = MATRIX[Role.HANDLER] + " appeal"


def somebody(role: Role, *scopes: str) -> Actor:
    return Actor("1", role, "xs", "d", scopes=frozenset(scopes))


@pytest.mark.parametrize("role", Role)
def test_each_role_has_the_rights_of_the_matrix_and_no_other(role: Role) -> None:
    assert {right.value for right in Right if may(somebody(role), right)} == set(MATRIX[role].split())


def test_every_right_has_its_roles_and_a_chinese_name() -> None:
    assert set(RIGHTS) == set(LABELS) == set(Right)
    assert len(set(LABELS.values())) == len(Right)


@pytest.mark.parametrize("role", sorted(ADMINISTRATORS))
def test_no_administrator_touches_a_case_or_a_reviewer(role: Role) -> None:
    forbidden = {Right.READ_CASES, Right.REVEAL, Right.SUBMIT_TASK, Right.SIGN_TASK, Right.READ_REVIEWS, Right.READ_REFERRALS}
    assert not [right for right in forbidden if may(somebody(role), right)]


def test_the_three_administrators_share_no_power() -> None:
    shared = {Right.READ_CATALOGUE, Right.READ_PROGRAMMES, Right.OWN_SESSION, Right.READ_ACCOUNTS}
    for right in set(Right) - shared:
        assert len(RIGHTS[right] & ADMINISTRATORS) <= 1


@pytest.mark.clause("P1")
@pytest.mark.parametrize("role", sorted(set(Role) - {Role.HANDLER, Role.HEAD}))
def test_nobody_but_those_who_handle_reveals(role: Role) -> None:
    assert not may(somebody(role, *Right), Right.REVEAL)


def test_a_system_has_what_its_scopes_name_within_what_systems_may_have() -> None:
    everything = somebody(Role.SYSTEM, *(right.value for right in Right))
    assert {right for right in Right if may(everything, right)} == SYSTEM_RIGHTS
    one = somebody(Role.SYSTEM, "send_records")
    assert [right for right in Right if may(one, right)] == [Right.SEND_RECORDS]


def test_scopes_give_a_person_nothing() -> None:
    assert not may(somebody(Role.CLERK, "read_cases"), Right.READ_CASES)


def test_a_refusal_names_the_right() -> None:
    with pytest.raises(RightMissing, match="查看评价人联系方式") as refused:
        require_right(somebody(Role.LEADER), Right.REVEAL)
    assert refused.value.details == {"right": "reveal"}
    require_right(somebody(Role.HEAD), Right.REVEAL)
