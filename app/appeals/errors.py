"""Why a claim, an appeal or a voiding is refused."""

from __future__ import annotations

from app.errors import Conflict, NotPermitted


class HeadMustApply(NotPermitted):
    """An appeal leaves the unit with its opinion, signed and sealed (附件3)."""

    code = "head_must_apply"


class AppealOpen(Conflict):
    """One open appeal a case."""

    code = "appeal_open"


class NoAppealOpen(Conflict):
    """There is no appeal to add to or to rule on."""

    code = "no_appeal_open"


class VoidingNotFounded(Conflict):
    """A rating may be voided only on a ground of the closed list, by two persons outside the rated unit."""

    code = "voiding_not_founded"
