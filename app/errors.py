"""The kinds of error a feature may raise. Which HTTP status each becomes is decided at the edge, not here."""

from __future__ import annotations

from typing import Any


class AppError(Exception):
    """A reason for refusal that a person can understand and mend.

    `code` is stable and meant for programs; the message is Chinese, says what is
    wrong and how to mend it; `details` are JSON values without personal data.
    """

    code = "error"

    def __init__(self, message: str, *, code: str | None = None, **details: Any) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or type(self).code
        self.details = details

    def as_dict(self) -> dict[str, Any]:
        """Return the one shape in which every error leaves the house."""
        body: dict[str, Any] = {"code": self.code, "message": self.message}
        return body | ({"details": self.details} if self.details else {})


class NotFound(AppError):
    """What was asked for does not exist, or may not be seen by this actor."""

    code = "not_found"


class NotPermitted(AppError):
    """The actor may not do this here."""

    code = "not_permitted"


class Conflict(AppError):
    """The act does not fit the present state."""

    code = "conflict"


class Invalid(AppError):
    """The input cannot be understood or breaks a rule of its shape."""

    code = "invalid"


class Unavailable(AppError):
    """Something the service stands on (disk, database) is not there."""

    code = "unavailable"


class RecordedRefusal(AppError):
    """A refusal that is itself a fact to be kept: what was stored before it is committed, then it is raised.

    Only for acts that store nothing but the record of the refusal.
    """
