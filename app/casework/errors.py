"""Why something beside the steps is refused."""

from __future__ import annotations

from app.errors import Conflict, Invalid, NotFound, Unavailable


class FileRefused(Invalid):
    """The file is of no kind that is taken, too large, or empty."""

    code = "file_refused"


class FileInfected(Invalid):
    """The virus scanner found something."""

    code = "file_infected"


class ScannerSilent(Unavailable):
    """The virus scanner did not answer: nothing is taken unseen."""

    code = "scanner_silent"


class AttachmentUnknown(NotFound):
    """The case has no such attachment."""

    code = "attachment_unknown"


class TooMany(Conflict):
    """There are as many already as a case can have."""

    code = "too_many"


class ObjectionUnknown(NotFound):
    """There is no such objection that waits for an answer."""

    code = "objection_unknown"


class DisputeUnknown(NotFound):
    """There is no such dispute that waits for an answer."""

    code = "dispute_unknown"


class DisputeMade(Conflict):
    """One has said before that this rating is not of oneself."""

    code = "dispute_made"


class ObjectionMade(Conflict):
    """An objection to this day has been made already."""

    code = "objection_made"
