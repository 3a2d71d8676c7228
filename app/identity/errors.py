"""Why somebody is not let in, or an act on accounts is refused."""

from __future__ import annotations

from app.errors import Conflict, Invalid, NotFound, NotPermitted, RecordedRefusal


class NotSignedIn(NotPermitted):
    """There is no session or token of this value, or it is over."""

    code = "not_signed_in"


class SignInRefused(NotSignedIn, RecordedRefusal):
    """Unknown login, wrong password or disabled account: which of them is not told.

    The failure is stored, and stays stored although the act is refused.
    """

    code = "sign_in_refused"


class SignInDelayed(NotPermitted):
    """Too many failures; `details.retry_after` says in how many seconds to try again."""

    code = "sign_in_delayed"


class AccountNotFound(NotFound):
    """There is no such account, or it is not one that the actor may see."""

    code = "account_not_found"


class LoginTaken(Conflict):
    """Somebody has this login already."""

    code = "login_taken"


class AccountInvalid(Invalid):
    """Role, programme, department and staff code do not go together."""

    code = "account_invalid"


class NotYourOwn(NotPermitted):
    """Nobody changes their own rights, and administrators are made at the command line alone."""

    code = "not_your_own"


class PasswordTooShort(Invalid):
    """The password is shorter than is allowed."""

    code = "password_too_short"


class PasswordGuessable(Invalid):
    """The password is one of those that are tried first, or the login."""

    code = "password_guessable"


class ScopeUnknown(Invalid):
    """A token is to have a scope that no system may have, or none."""

    code = "scope_unknown"


class TokenNotFound(NotFound):
    """There is no such token, or it is revoked."""

    code = "token_not_found"


class SubstitutionNotAllowed(Conflict):
    """Too long, past, overlapping, or a chain of substitutes."""

    code = "substitution_not_allowed"


class SubstitutionNotFound(NotFound):
    """There is no such substitution, or not today, or it is not the actor's."""

    code = "substitution_not_found"


class ReviewerNotFound(NotFound):
    """There is no such reviewer in this programme, or nothing is known of them any more."""

    code = "reviewer_not_found"
