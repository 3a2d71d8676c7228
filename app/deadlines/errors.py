"""Why a limit, a moment or a calendar cannot be reckoned with."""

from __future__ import annotations

from app.errors import Invalid


class LimitMalformed(Invalid):
    """A limit that is not written as a whole number of working or natural days."""

    code = "limit_malformed"


class MomentMalformed(Invalid):
    """A text that is no date with a time of day."""

    code = "moment_malformed"


class MomentNaive(Invalid):
    """A moment that does not say its offset from UTC; guessing one could cost somebody a day."""

    code = "moment_naive"


class BeyondCalendar(Invalid):
    """A day that no calendar of ours can reach; also ends every search for a working day."""

    code = "beyond_calendar"


class ExtensionEmpty(Invalid):
    """An extension that does not move the last day."""

    code = "extension_empty"


class NoDeadline(Invalid):
    """The later of several deadlines was asked for, and none was given."""

    code = "no_deadline"


class HoursMalformed(Invalid):
    """Business hours without any hour, or with periods that overlap or end before they begin."""

    code = "hours_malformed"
