"""Who acts. Every act takes an Actor; a job acts as the clock."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What an account is for, within its programme and department."""

    HANDLER = "handler"  # 承办人
    HEAD = "head"  # 负责人: assigns, signs off
    AUDITOR = "auditor"  # 纪检监察
    LEADER = "leader"  # 领导
    PROCESS_OWNER = "process_owner"  # 流程管理员
    ADMIN = "admin"


@dataclass(frozen=True)
class Actor:
    """The person or job behind an act. `staff` is the person's code as rated staff, if any."""

    id: str
    role: Role
    programme: str
    department: str
    staff: str | None = None

    @property
    def handles(self) -> bool:
        """Whether this account may work on tasks at all."""
        return self.role in {Role.HANDLER, Role.HEAD}


CLOCK = "clock"
