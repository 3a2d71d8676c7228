"""What can be wrong with a bundle."""

from __future__ import annotations

from app.errors import Invalid, NotFound


class BundleUnreadable(Invalid):
    """A file of the bundle is missing, not UTF-8, or not TOML."""

    code = "bundle_unreadable"


class RulesInvalid(Invalid):
    """`programme.toml` lacks something or holds what does not fit."""

    code = "rules_invalid"


class ProgrammeUnknown(NotFound):
    """There is no programme of this code."""

    code = "programme_unknown"
