"""Who acts. Every act takes an Actor; a job acts as the clock."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from app.audit.record import Act


class Role(StrEnum):
    """What an account is for, within its programme and department. What each may do stands in `rights`."""

    HANDLER = "handler"  # 承办人
    HEAD = "head"  # 负责人: assigns, signs off
    CLERK = "clerk"  # 12345 话务员
    WINDOW = "window"  # 窗口人员: rated, and heard
    LEADER = "leader"  # 领导
    AUDITOR = "auditor"  # 纪检监察
    PROCESS_OWNER = "process_owner"  # 流程管理员
    SYSTEM_ADMIN = "system_admin"  # 系统管理员
    SECURITY_ADMIN = "security_admin"  # 安全管理员
    AUDIT_ADMIN = "audit_admin"  # 审计管理员
    SYSTEM = "system"  # a department system that acts by a token; never an account

    @property
    def label(self) -> str:
        """What the post is called, for people who are not told the person's name."""
        return POSTS[self]


POSTS = {
    Role.HANDLER: "承办人",
    Role.HEAD: "负责人",
    Role.CLERK: "12345话务员",
    Role.WINDOW: "窗口人员",
    Role.LEADER: "领导",
    Role.AUDITOR: "纪检监察人员",
    Role.PROCESS_OWNER: "流程管理员",
    Role.SYSTEM_ADMIN: "系统管理员",
    Role.SECURITY_ADMIN: "安全管理员",
    Role.AUDIT_ADMIN: "审计管理员",
    Role.SYSTEM: "部门业务系统",
}

# The three administrators (三员) belong to no programme and no department, and see no case.
ADMINISTRATORS = frozenset({Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN})


@dataclass(frozen=True)
class Actor:
    """The person, system or job behind an act.

    `staff` is the person's code as rated staff, if any; `scopes` are the rights that a
    system's token names. Who stands in for somebody on leave acts under their own `id`:
    `for_account` and `for_staff` are the absent colleague's, and every rule that keeps
    one of the two away from a case keeps both away.
    """

    id: str
    role: Role
    programme: str
    department: str
    staff: str | None = None
    login: str = ""
    name: str = ""
    scopes: frozenset[str] = frozenset()
    for_account: str | None = None
    for_staff: str | None = None

    @property
    def handles(self) -> bool:
        """Whether this account may work on tasks at all."""
        return self.role in {Role.HANDLER, Role.HEAD}

    @property
    def persons(self) -> frozenset[str]:
        """The ids of all whom this act is an act of: oneself, and whom one stands in for."""
        return frozenset(each for each in (self.id, self.for_account) if each)

    @property
    def staff_codes(self) -> frozenset[str]:
        """The codes under which any of these persons may be rated."""
        return frozenset(code for code in (self.staff, self.for_staff) if code)


CLOCK = "clock"
# Whoever holds the receipt of a review: known by it alone.
REVIEWER = "reviewer"


def act_of(actor: Actor, act: str, payload: dict[str, Any]) -> Act:
    """Return an audit entry of an actor; a substitute's names whom it was done for as well."""
    return Act(actor.id, act, payload | ({"for": actor.for_account} if actor.for_account else {}))


def reviewer_of(programme: str) -> Actor:
    """Return who acts on a case by the receipt of their review: of no department, and with no right but what a receipt gives."""
    return Actor(REVIEWER, Role.SYSTEM, programme, "")
