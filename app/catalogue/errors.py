"""Why something of the catalogue is not found or not changed."""

from __future__ import annotations

from app.errors import Conflict, Invalid, NotFound


class EntryUnknown(NotFound):
    """The catalogue has no entry of this kind and code."""

    code = "entry_unknown"


class EditConflict(Conflict):
    """Somebody changed it meanwhile; `details` hold both texts, so that nothing is lost."""

    code = "edit_conflict"


class EntryInvalid(Invalid):
    """Something of an entry is missing, too long or no day."""

    code = "entry_invalid"


class EntryExists(Conflict):
    """The catalogue has an entry of this kind and code already."""

    code = "entry_exists"


class VersionNeeded(Invalid):
    """An edit must say which version it is based on."""

    code = "version_needed"


class SuccessorInvalid(Invalid):
    """A department cannot be succeeded by this one."""

    code = "successor_invalid"
