"""Why a request about one's data is refused."""

from __future__ import annotations

from app.errors import Conflict, Invalid, NotFound, NotPermitted


class NotTheOfficer(NotPermitted):
    """Requests are answered by the overseer or the superior of the programme."""

    code = "not_the_officer"


class RequestNotFound(NotFound):
    """There is no such open request in this programme."""

    code = "request_not_found"


class RequestInvalid(Invalid):
    """A request of another kind, or a correction that corrects nothing."""

    code = "request_invalid"


class CaseStillOpen(Conflict):
    """The data is needed until the case has ended."""

    code = "case_still_open"
