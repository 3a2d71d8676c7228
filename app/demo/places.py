"""Departments, windows, staff, items and channels of the made-up city, and their rows for the import."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from app.demo.names import surname_and_given

HERE = Path(__file__).parent
STAFF = 4
WINDOWS = 2

Row = dict[str, str]


@dataclass(frozen=True)
class Place:
    """A department of the city; a rated one has a topic, and items, windows and staff."""

    programme: str
    code: str
    name: str
    area: str
    topic: str | None
    items: tuple[tuple[str, str], ...]  # code and name
    staff: tuple[str, ...]
    windows: tuple[str, ...]

    @property
    def is_rated(self) -> bool:
        """Whether people are served here."""
        return self.topic is not None

    @property
    def responsible(self) -> str:
        """The login of who answers for its tasks: a handler where people are served, else the head."""
        return f"{self.code}-1" if self.is_rated else f"{self.code}-head"


@dataclass(frozen=True)
class Town:
    """One programme's part of the city: its departments and how many services a day it has."""

    programme: str
    workday: int
    restday: int
    takes_anonymous: bool
    places: tuple[Place, ...]

    @property
    def rated(self) -> tuple[Place, ...]:
        """The departments where people are served."""
        return tuple(place for place in self.places if place.is_rated)


@cache
def towns() -> tuple[Town, ...]:
    """Return the five programmes' parts of the city."""
    raw = tomllib.loads((HERE / "places.toml").read_text("utf-8"))
    found = []
    for programme, town in raw["programmes"].items():
        places = tuple(_place(programme, number, place, raw["items"]) for number, place in enumerate(town["departments"]))
        found.append(Town(programme, town["workday"], town["restday"], town["anonymous"], places))
    return tuple(found)


def _place(programme: str, number: int, raw: Row, items: dict[str, list[list[str]]]) -> Place:
    code, topic = raw["code"], raw.get("topic")
    if topic is None:
        return Place(programme, code, raw["name"], raw["area"], None, (), (), ())
    numbered = enumerate(items[topic], 1)
    codes = tuple((_item_code(raw["area"], number, n, kind), name) for n, (kind, name) in numbered)
    staff = tuple(f"{code}-s{n}" for n in range(1, STAFF + 1))
    return Place(
        programme, code, raw["name"], raw["area"], topic, codes, staff, tuple(f"{code}-w{n}" for n in range(1, WINDOWS + 1))
    )


def _item_code(area: str, department: int, number: int, kind: str) -> str:
    """Return 31 digits as an item's code has: body (18), class (2), and a running number; made up."""
    return f"11{area}9{department:04d}1111X{kind}4{department:03d}{number:03d}2025"


def catalogue_rows() -> Iterator[Row]:
    """Yield the whole catalogue, departments first."""
    raw = tomllib.loads((HERE / "places.toml").read_text("utf-8"))
    for town in towns():
        yield from _areas_of(town)
        for place in town.places:
            yield _row("department", place.programme, place.code, place.name, area=place.area, responsible=place.responsible)
        for place in town.rated:
            yield from _rows_of(place)
        for code, (name, group) in raw["channels"].items():
            yield _row("channel", town.programme, code, name, detail=group)


def _areas_of(town: Town) -> Iterator[Row]:
    """Yield the areas of a programme: a prefecture's code ends in 00, its counties lie in it."""
    for code in sorted({place.area for place in town.places}):
        city = f"{code[:4]}00"
        level = "city" if code == city else "county"
        yield _row("area", town.programme, code, f"区划{code}", area="" if code == city else city, level=level)


def _rows_of(place: Place) -> Iterator[Row]:
    for number, code in enumerate(place.windows, 1):
        yield _row("window", place.programme, code, f"{place.name}{number}号窗口", department=place.code)
    for code in place.staff:
        yield _row("staff", place.programme, code, surname_and_given(code), department=place.code)
    for code, name in place.items:
        yield _row("item", place.programme, code, name, department=place.code, detail=code[18:20])


def _row(kind: str, programme: str, code: str, name: str, **more: str) -> Row:
    columns = {"programme": programme, "kind": kind, "code": code, "name": name}
    return columns | {"department": "", "area": "", "responsible": "", "detail": "", "level": ""} | more
