"""The bad reviews of the month: who, where and when, with some that continue a running matter."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import cycle
from random import Random

from app.demo.names import People
from app.demo.places import Place
from app.demo.services import Desk, Opinion, Row, Service
from app.demo.words import Pool

# Days of April: many early ones, so that the month shows whole cases; several around 清明 and 泼水节.
DAYS = (1, 1, 2, 2, 3, 3, 4, 6, 7, 8, 9, 10, 10, 11, 13, 14, 15, 16, 17, 18, 21, 22, 24, 25)
ANONYMOUS = {5, 11}  # positions in DAYS, where the programme takes anonymous reviews
SECOND_THOUGHTS = {1}  # an addition (追评) two days later, while the first case runs
SECOND_VISIT = {4}  # another visit on the same matter, rated badly as well
DAY_LATER = {2, 8, 14}  # served one day, reviewed the next


@dataclass(frozen=True)
class BadReview:
    """The identity of a bad review; `again` where it continues a matter whose case still runs.

    `record`, `visit` and `sequence` are the rows' projectNo, serviceNumber and assessNumber.
    """

    programme: str
    record: str
    visit: int
    sequence: int
    department: str
    day: date
    anonymous: bool
    again: bool


@dataclass(frozen=True)
class Planned:
    """A bad review with its rows; the service is None where an earlier one is reviewed again."""

    identity: BadReview
    service: Service | None
    review: Row


def plan_bad_reviews(desk: Desk, people: People, pool: Pool, chance: Random) -> Iterator[Planned]:
    """Yield the bad reviews of one programme; departments take turns, the first two get most."""
    rated = list(desk.town.rated)
    chance.shuffle(rated)
    turns = cycle([*rated, *rated[:2]])
    for position, number in enumerate(DAYS):
        place, day = next(turns), date(2025, 4, number)
        served_on = day - timedelta(days=1) if position in DAY_LATER else day
        service = desk.serve(place, people.citizen(place.programme), served_on)
        anonymous = desk.town.takes_anonymous and position in ANONYMOUS
        yield _planned(desk, service, service, pool, day, anonymous=anonymous)
        if position in SECOND_THOUGHTS:
            yield _planned(desk, service, None, pool, day + timedelta(days=2), sequence=2)
        if position in SECOND_VISIT:
            visit = desk.again(service, day + timedelta(days=4))
            yield _planned(desk, visit, visit, pool, visit.at.date())


def _planned(
    desk: Desk, about: Service, new: Service | None, pool: Pool, day: date, *, sequence: int = 1, anonymous: bool = False
) -> Planned:
    complaint = pool.take(_topic(about.place))
    opinion = Opinion(complaint.level, (complaint.reason,), complaint.text, anonymous)
    review = desk.review(about, opinion, day, sequence)
    again = about.visit > 1 or sequence > 1
    key = (about.place.programme, about.number, about.visit, sequence, about.place.code)
    return Planned(BadReview(*key, day, anonymous, again), new, review)


def _topic(place: Place) -> str:
    if place.topic is None:
        raise ValueError(place.code)
    return place.topic
