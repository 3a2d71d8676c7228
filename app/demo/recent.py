"""The days before the demo is looked at: a few bad reviews, handled up to now, so that its people find something to do.

They come after the month and its figures, by the same imports.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from functools import partial
from pathlib import Path
from random import Random

from app.cases.models import Case
from app.clock import SHANGHAI, VirtualClock
from app.demo.accounts import TRIED
from app.demo.names import People
from app.demo.places import towns
from app.demo.replay import Replay
from app.demo.scenarios import APPEALS, CLAIMED, ORDINARY, SCENARIOS, Impulse, Reply, Scenario, handled, verified
from app.demo.services import Desk, Opinion
from app.demo.words import Pool
from app.demo.written import write_lines

DAYS = 8
A_DAY = 2  # bad reviews of each programme
EVENING = time(17)
# In every department somebody lets something lie until the overseer calls.
LATE = Scenario("拖着没办", verified(Reply(24 * 30, handled("clear").form)))
SLOW = Scenario("按部就班", verified(Reply(20, handled("complex").form), rectify=(Reply(24 * 6),)))
# What lies on the desks of those who send on, who rule and who call when somebody looks.
LATER = (Reply(24 * 30),)
UNSENT = Scenario("等转办", {"forward": LATER})
UNCALLED = Scenario("等回访", verified(handled("clear"), revisit=LATER))
APPEALED = Scenario("等复核裁定", verified(handled("complex"), rule_appeal=LATER), (Impulse("verify", "appeal"),))
CLAIMING = Scenario("等误评裁定", verified(CLAIMED, rule_claim=LATER))
HABITS = {
    code: (ORDINARY, SLOW, LATE, UNSENT, UNCALLED, APPEALED if APPEALS[0] in scenarios else CLAIMING)
    for code, scenarios in SCENARIOS.items()
}

Take = Callable[[str, Path], None]


def play_recent(folder: Path, clock: VirtualClock, take: Take, now: datetime) -> None:
    """Let the days before a moment happen, and stop there: what people would do later is left for whoever looks."""
    chance = Random(now.toordinal())  # noqa: S311  made-up people need no secrecy
    people, pool, replay = People(chance), Pool(chance), Replay(clock, habit)
    desks = [Desk(town, chance) for town in towns()]
    for before in range(DAYS, 0, -1):
        day = now.astimezone(SHANGHAI).date() - timedelta(days=before)
        records, reviews = write_day(folder, day, desks, people, pool, chance)
        replay.at(datetime.combine(day, EVENING, SHANGHAI), partial(_arrive, records, reviews, take, replay))
    replay.run(now)
    clock.set(now)


def habit(case: Case) -> Scenario:
    """Return how a case's people go about it."""
    habits = HABITS[case.programme]
    return habits[case.id % len(habits)]


def write_day(folder: Path, day: date, desks: list[Desk], people: People, pool: Pool, chance: Random) -> tuple[Path, Path]:
    """Write what one day brings; return the files of its services and of its reviews."""
    services, reviews = [], []
    for desk in desks:
        rated = [each for each in desk.town.rated if pool.has(each.topic or "")]
        tried = [each for each in rated if each.code == TRIED]
        for place in chance.sample(rated, A_DAY) + tried:
            complaint = pool.take(place.topic or "")
            service = desk.serve(place, people.citizen(place.programme), day)
            services.append(service.row())
            reviews.append(desk.review(service, Opinion(complaint.level, (complaint.reason,), complaint.text), day))
    return write_lines(folder / f"recent-records-{day}.jsonl", services), write_lines(
        folder / f"recent-reviews-{day}.jsonl", reviews
    )


def _arrive(records: Path, reviews: Path, take: Take, replay: Replay) -> None:
    take("records", records)
    take("reviews", reviews)
    replay.plan_all()
