"""The first notices: the State Council's of 2018-2026, and 西双版纳's that could be found."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

from chinese_calendar import constants
from sqlalchemy.orm import Session

from app.calendars.errors import SeedChanged
from app.calendars.load import load_notice
from app.calendars.notice import Notice, read_notice
from app.calendars.queries import newest_notice
from app.deadlines.calendar import NATIONAL, Day, Layer, WorkCalendar

NOTICES = Path(__file__).parent / "notices"

# Year → its papers on www.gov.cn and its working days, compared day by day with what
# the papers say. A package that comes to another number has changed under us.
CHECKED = {
    2018: ("content_5243579", 250),
    2019: ("content_5346276、content_5375877（五一调整）", 250),
    2020: ("content_5454164、content_5472352（春节延长）", 249),
    2021: ("content_5564127", 250),
    2022: ("content_5644835", 249),
    2023: ("content_5730844", 249),
    2024: ("content_6911528", 251),
    2025: ("content_6986383", 248),
    2026: ("content_7047091", 248),
}
_CHINESE = {
    "New Year's Day": "元旦",
    "Spring Festival": "春节",
    "Tomb-sweeping Day": "清明节",
    "Labour Day": "劳动节",
    "Dragon Boat Festival": "端午节",
    "Mid-autumn Festival": "中秋节",
    "National Day": "国庆节",
}


def seed_calendars(session: Session, *, loaded_by: str, loaded_at: datetime) -> list[int]:
    """Load every first notice of a layer and year that has none; return the new ids.

    What has been loaded since is left alone, so it is safe to repeat.

    Raises:
        SeedChanged: the package's days are not those that were checked.
    """
    first = [*national_notices(), *(read_notice(path) for path in sorted(NOTICES.glob("*.toml")))]
    wanted = [notice for notice in first if newest_notice(session, notice.layer, notice.year) is None]
    return [load_notice(session, notice, loaded_by=loaded_by, loaded_at=loaded_at).id for notice in wanted]


def national_notices() -> list[Notice]:
    """Return the State Council's notices as chinesecalendar has them, oldest first.

    Raises:
        SeedChanged: a year has another number of working days than was checked.
    """
    notices = [_national(year, papers) for year, (papers, _) in CHECKED.items()]
    layer = Layer.of_years(NATIONAL, "", [day for notice in notices for day in notice.days], CHECKED)
    calendar = WorkCalendar([layer])
    for year, (_, expected) in CHECKED.items():
        found = calendar.count_working_days(date(year - 1, 12, 31), date(year, 12, 31))
        if found != expected:
            raise SeedChanged(f"chinesecalendar的{year}年有{found}个工作日，核对过的是{expected}个", year=year)
    return notices


def _national(year: int, papers: str) -> Notice:
    """Return one year's notice, days of the December before included."""
    named = ((constants.holidays, True), (constants.workdays, False))
    days = [Day(day, is_off, _CHINESE[name]) for days, is_off in named for day, name in days.items() if _year(day, name) == year]
    source = f"国务院办公厅关于{year}年部分节假日安排的通知（www.gov.cn {papers}），取自chinesecalendar并逐年核对工作日数"
    return Notice(NATIONAL, "", year, date(year, 1, 1), source, tuple(sorted(days, key=lambda day: day.day)))


def _year(day: date, name: str) -> int:
    """Return the year of the notice that names a day: New Year's Day in December is the next year's."""
    return day.year + (day.month == 12 and name == "New Year's Day")
