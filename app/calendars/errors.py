"""Why a notice, a layer or a programme's calendar is refused."""

from __future__ import annotations

from app.errors import Conflict, Invalid, NotFound


class NoticeUnreadable(Invalid):
    """A file that is not there, too large, or neither TOML nor JSON in UTF-8."""

    code = "notice_unreadable"


class NoticeMalformed(Invalid):
    """A notice in which something that must be said is missing or of the wrong kind."""

    code = "notice_malformed"


class NoticeWrongYear(Invalid):
    """A day that lies outside of the notice's year and the months next to it."""

    code = "notice_wrong_year"


class NoticeRepeatsDay(Invalid):
    """A day that stands twice in one notice."""

    code = "notice_repeats_day"


class NoticeChanged(Conflict):
    """A notice that is not the one that was rehearsed."""

    code = "notice_changed"


class NoticeEmpty(Invalid):
    """A national notice without a day: what packages ship before the State Council has spoken."""

    code = "notice_empty"


class SeedChanged(Invalid):
    """The package's working days are not those that were checked against the State Council's notices."""

    code = "calendar_seed_changed"


class ProgrammeUnknown(NotFound):
    """No programme of this code."""

    code = "programme_unknown"


class ProgrammeHasNoCalendar(Invalid):
    """A programme that does not say which calendar layers it runs on."""

    code = "programme_calendar_missing"


class BatchLineMalformed(Invalid):
    """A line of a batch that is not three fields in UTF-8."""

    code = "batch_line_malformed"
