"""Why an act on a case is refused."""

from __future__ import annotations

from app.errors import Conflict, Invalid, NotFound, NotPermitted


class CaseNotFound(NotFound):
    """There is no case of this number."""

    code = "case_not_found"


class CaseStopped(Conflict):
    """The case has an open incident."""

    code = "case_stopped"


class CaseOver(Conflict):
    """The case has come to its end."""

    code = "case_over"


class CaseNotStopped(Conflict):
    """The case has no open incident."""

    code = "case_not_stopped"


class NotYourTask(NotPermitted):
    """The step belongs to another lane or department."""

    code = "not_your_task"


class ConflictOfInterest(NotPermitted):
    """Who handled it, or is rated by it, may not judge it."""

    code = "conflict_of_interest"


class SignatureNeeded(NotPermitted):
    """Only the head of the department may sign, and not what they entered themselves."""

    code = "signature_needed"


class TaskNotSubmitted(Conflict):
    """There is nothing to sign or send back."""

    code = "task_not_submitted"


class FormInvalid(Invalid):
    """The form lacks something or holds what does not fit; `fields` says what, by field."""

    code = "form_invalid"


class WindowClosed(Conflict):
    """The time for this request has passed."""

    code = "window_closed"


class HandlingNotOpen(Conflict):
    """The class of handling is not open in a later round unless the overseer grants it."""

    code = "handling_not_open"


class TooManyReveals(Conflict):
    """Nobody calls that many reviewers a day; who collects numbers must be stopped."""

    code = "too_many_reveals"


class NotReached(Conflict):
    """“Cannot be reached” needs recorded tries: how many, on how many days and when, the rules say."""

    code = "not_reached"


class TaskTaken(Conflict):
    """Somebody else has taken the step, or nobody has."""

    code = "task_taken"
