"""April 2025 in a made-up city, written to the files that the import reads."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from random import Random

from app.demo.bad import BadReview, plan_bad_reviews
from app.demo.names import People, Person
from app.demo.places import Town, catalogue_rows, towns
from app.demo.services import Desk, Opinion, Row, Service, is_rest_day
from app.demo.sidelines import complaints_of, write_old
from app.demo.words import Pool, praise
from app.demo.written import write_csv, write_lines, write_records
from app.intake.reasons import REASONS

DAYS = tuple(date(2025, 4, day) for day in range(1, 31))
REVIEWED = 0.55
LATER = 0.03  # of the reviews: added some days after the service
LEVELS = ((5, 78), (4, 18), (3, 4))
# The programme whose platform sends its reviews by the API.
SENDS_ITSELF = "hk"
AGENTS = 5  # a programme's agents, with many matters each


@dataclass(frozen=True)
class CityDay:
    """What one day brings, to be taken in at 17:00 of the day: records first.

    `reviews` come as a file, `sent` are the rows that a platform sends by the API, `complaints`
    what 12345 hands over.
    """

    day: date
    records: Path
    reviews: Path
    sent: Path
    complaints: Path


@dataclass(frozen=True)
class City:
    """Who is in the city, and what was written of it: the catalogue comes first, then the days in order."""

    towns: tuple[Town, ...]
    folder: Path
    catalogue: Path
    old_records: Path
    old_reviews: Path
    days: tuple[CityDay, ...]
    bad: tuple[BadReview, ...]


@dataclass
class _Month:
    """The rows of all days while they are being made up."""

    records: dict[date, list[Row]] = field(default_factory=lambda: defaultdict(list))
    reviews: dict[date, list[Row]] = field(default_factory=lambda: defaultdict(list))
    complaints: dict[date, list[Row]] = field(default_factory=lambda: defaultdict(list))

    def add_service(self, service: Service) -> None:
        """Write a service into the records of its day."""
        self.records[service.at.date()].append(service.row())


def write_city(folder: Path, seed: int) -> City:
    """Write catalogue, records and reviews of the month; the same seed writes the same bytes.

    The moments of a day's rows lie before 17:00, so the day's files are taken in then.
    """
    folder.mkdir(parents=True, exist_ok=True)
    chance = Random(seed)  # noqa: S311  # a made-up city needs to be repeatable, not secret
    people, pool, month = People(chance), Pool(chance), _Month()
    desks = [Desk(town, chance) for town in towns()]
    bad: list[BadReview] = []
    for desk in desks:
        for planned in plan_bad_reviews(desk, people, pool, chance):
            bad.append(planned.identity)
            month.reviews[planned.identity.day].append(planned.review)
            if planned.service:
                month.add_service(planned.service)
    for desk in desks:
        _fill_month(desk, people, pool, chance, month)
    for row in complaints_of(bad):
        month.complaints[row.day].append(row.row)
    catalogue = write_csv(folder / "catalogue.csv", list(catalogue_rows()))
    old = write_old(folder, desks[0], people)
    days = tuple(_write_day(folder, day, month) for day in DAYS)
    bad.sort(key=lambda each: (each.day, each.programme, each.record, each.visit, each.sequence))
    return City(towns(), folder, catalogue, *old, days, tuple(bad))


def _fill_month(desk: Desk, people: People, pool: Pool, chance: Random, month: _Month) -> None:
    """Make up the ordinary services of a programme and what people say of them."""
    agents = [people.somebody(desk.town.programme) for _ in range(AGENTS)]
    for day in DAYS:
        for _ in range(_services_on(desk.town, day, chance)):
            person = _who(desk.town, people, agents, chance)
            service = desk.serve(chance.choice(desk.town.rated), person, day)
            month.add_service(service)
            if chance.random() < REVIEWED:
                reviewed_on = day + timedelta(days=chance.randint(1, 9)) if chance.random() < LATER else day
                if reviewed_on <= DAYS[-1]:
                    month.reviews[reviewed_on].append(desk.review(service, _opinion(service, pool, chance), reviewed_on))


def _services_on(town: Town, day: date, chance: Random) -> int:
    usual = town.restday if is_rest_day(town.programme, day) else town.workday
    return round(usual * chance.uniform(0.9, 1.1))


def _who(town: Town, people: People, agents: Sequence[Person], chance: Random) -> Person:
    return chance.choice(agents) if chance.random() < 0.03 else people.somebody(town.programme)


def _opinion(service: Service, pool: Pool, chance: Random) -> Opinion:
    """Return what a person thinks who is not dissatisfied; the least content may still complain in words."""
    level = chance.choices([level for level, _ in LEVELS], [weight for _, weight in LEVELS])[0]
    reasons = [code for code in REASONS if code.startswith(str(level))]
    chosen = tuple(sorted(chance.sample(reasons, chance.choice((0, 1, 1, 2)))))
    topic = service.place.topic or ""
    if level == 3 and pool.has(topic) and chance.random() < 0.8:
        return Opinion(level, chosen, pool.take(topic).text)
    return Opinion(level, chosen, chance.choice(praise()) if level > 3 and chance.random() < 0.15 else "")


def _write_day(folder: Path, day: date, month: _Month) -> CityDay:
    reviews = sorted(month.reviews[day], key=lambda row: (row["assessTime"], row["projectNo"]))
    return CityDay(
        day,
        write_records(folder, day, sorted(month.records[day], key=lambda row: row["serviceTime"])),
        write_lines(folder / f"reviews-{day}.jsonl", [row for row in reviews if row["programme"] != SENDS_ITSELF]),
        write_lines(folder / f"sent-{day}.jsonl", [row for row in reviews if row["programme"] == SENDS_ITSELF]),
        write_lines(folder / f"complaints-{day}.jsonl", month.complaints[day]),
    )
