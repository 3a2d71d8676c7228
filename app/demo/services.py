"""Services of the made-up city and what people say of them, as rows of the import."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random

from app.demo.names import Person
from app.demo.places import Place, Town

Row = dict[str, str]

# Rest days of April 2025 for everybody (清明 is the 4th; the 27th is worked for 劳动节), and for XS 泼水节 too.
REST_DAYS = frozenset(date(2025, 4, day) for day in (4, 5, 6, 12, 13, 19, 20, 26))
WATER_FESTIVAL = frozenset(date(2025, 4, day) for day in (14, 15, 16))

OFFICE_HOURS = ((time(8, 40), 190), (time(13, 40), 165))  # opening and minutes until 11:50 and 16:25
ANY_HOURS = ((time(7, 30), 530),)  # until 16:20
ONLINE = ("web", "app", "app", "kiosk")
# How a service is reviewed: the province's code, or a channel of the catalogue.
WAYS = {
    "window": ("pf:4", "pf:4", "pf:4", "pf:3", "pf:3", "pf:7", "channel:evaluator", "channel:card", "channel:hotline-12345"),
    "web": ("pf:1",),
    "app": ("pf:2",),
    "kiosk": ("pf:5",),
}

TYPED = {"card", "call-back"}


@dataclass(frozen=True)
class Service:
    """One visit of a person at a department."""

    place: Place
    person: Person
    number: str
    visit: int
    at: datetime
    channel: str
    item: str
    window: str = ""
    staff: str = ""

    def row(self) -> Row:
        """Return the record's row; what is done in minutes is finished at once."""
        instant = self.visit == 1 and sum(map(ord, self.number)) % 5 > 0
        return {
            "programme": self.place.programme, "projectNo": self.number, "serviceNumber": str(self.visit), "taskCode": self.item,
            "deptCode": self.place.code, "window": self.window, "proManager": self.staff, "channel": self.channel,
            "userProp": self.person.kind, "userPageType": self.person.certificate_kind, "certKey": self.person.certificate,
            "userName": self.person.name, "mobile": self.person.phone, "proStatus": "3" if instant else "2",
            "acceptDate": _written(self.at - timedelta(minutes=6)), "resultDate": _written(self.at) if instant else "",
            "serviceTime": _written(self.at),
        }  # fmt: skip


@dataclass(frozen=True)
class Opinion:
    """A review: level, reasons and words."""

    level: int
    reasons: tuple[str, ...]
    words: str = ""
    anonymous: bool = False


def is_rest_day(programme: str, day: date) -> bool:
    """Whether the windows are closed; what is online goes on."""
    return day in REST_DAYS or (programme == "xs" and day in WATER_FESTIVAL)


class Desk:
    """Serves people of one programme: numbers the services, chooses window, staff and item."""

    def __init__(self, town: Town, chance: Random) -> None:
        self.town = town
        self._chance = chance
        self._served = 0

    def serve(self, place: Place, person: Person, day: date) -> Service:
        """Return a new service of a day; on rest days there are only those online."""
        self._served += 1
        number = f"{place.programme.upper()}{day:%Y%m%d}{self._served:05d}"
        item = self._chance.choice(place.items)[0]
        if is_rest_day(place.programme, day) or self._chance.random() < 0.3:
            return Service(place, person, number, 1, self._moment(day, ANY_HOURS), self._chance.choice(ONLINE), item)
        window, staff = self._chance.choice(place.windows), self._chance.choice(place.staff)
        return Service(place, person, number, 1, self._moment(day, OFFICE_HOURS), "window", item, window, staff)

    def again(self, service: Service, day: date) -> Service:
        """Return the next visit on the same matter: the same person, online."""
        at = self._moment(day, ANY_HOURS)
        return Service(service.place, service.person, service.number, service.visit + 1, at, "app", service.item)

    def review(self, service: Service, opinion: Opinion, day: date, sequence: int = 1) -> Row:
        """Return a review's row: minutes after the service, or some time of a later day."""
        later = day > service.at.date() or sequence > 1
        at = self._moment(day, ANY_HOURS) if later else service.at + timedelta(minutes=self._chance.randint(1, 20))
        kind, code = self._chance.choice(WAYS[service.channel] if not later else ("pf:2", "pf:7")).split(":")
        return {
            "programme": service.place.programme, "projectNo": service.number, "serviceNumber": str(service.visit),
            "assessNumber": str(sequence), "satisfaction": str(opinion.level), "evalDetail": ",".join(opinion.reasons),
            "writingEvaluation": opinion.words, kind: code, "assessTime": _written(at),
            "anonymityFlag": "1" if opinion.anonymous else "2", "isdefault": "0",
            # Somebody of the department types written cards in, never the one rated.
            "typedBy": f"{service.place.code}-typist" if code in TYPED else "",
        }  # fmt: skip

    def _moment(self, day: date, hours: tuple[tuple[time, int], ...]) -> datetime:
        opens, minutes = self._chance.choice(hours)
        start = datetime.combine(day, opens)  # the import reads China's time
        return start + timedelta(minutes=self._chance.randrange(minutes), seconds=self._chance.randrange(60))


def _written(moment: datetime) -> str:
    return moment.isoformat(" ", "seconds")
