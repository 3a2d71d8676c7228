"""A small world of two programmes for tests of the whole API; every object is called by whose it is.

`own` is of RATED in XS, `department` of another department of XS, `programme` of GC, and
`none` does not exist. What an object is called in paths and bodies stands in its fields.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from cases.conftest import BEGINNING, OTHER, RATED, Driver, account_row, found_city
from flask import Flask
from intake.conftest import bad_review, record
from sqlalchemy import insert, select, update

from api.conftest import open_session
from app.cases.models import Case
from app.cli import import_file
from app.clock import VirtualClock
from app.db import unit_of_work
from app.identity.actor import ADMINISTRATORS, Role
from app.identity.models import Account, Reviewer, Substitution, Token
from app.identity.passwords import hash_password
from app.identity.sessions import ABSOLUTE, digest
from app.identity.tokens import PREFIX
from app.identity.vault import load_vault
from app.privacy.models import DataRequest
from app.revisits.draws import secret_place
from app.revisits.models import Draw
from app.supervision.models import Referral

WHOSE = ("own", "department", "programme", "none")
STAFF, PASSWORD, OVERSEER = "s1", "correct horse battery", "xs-affairs-centre"
PHONES = {"own": "15410000001", "department": "15410000002", "programme": "15410000003"}
PLACES = {"own": ("xs", RATED), "department": ("xs", OTHER), "programme": ("gc", RATED)}
Fields = dict[str, Any]


@dataclass
class World:
    """What there is, and who may be."""

    app: Flask
    clock: VirtualClock
    cases: dict[str, Driver] = field(default_factory=dict)
    objects: dict[str, dict[str, Fields]] = field(default_factory=dict)
    makers: dict[str, Callable[[], Fields]] = field(default_factory=dict)
    numbers: Any = field(default_factory=lambda: count(1))

    def object(self, kind: str, whose: str) -> Fields:
        """Return an object's fields; a new one where an act uses its object up."""
        make = self.makers.get(kind)
        return make() if make and whose == "own" else self.objects[kind][whose]

    def session(self, role: Role, *, overseer: bool = False) -> str:
        """Sign somebody of this role in, once more; of XS, and of its overseer where one is asked for."""
        programme, department = ("", "") if role in ADMINISTRATORS else ("xs", OVERSEER if overseer else RATED)
        login = f"{programme}.{department}.{role.value}"
        with unit_of_work() as session:
            key = session.scalars(select(Account.id).where(Account.login == login)).one()
        return open_session(key, self.clock)

    def token(self, *scopes: str) -> str:
        """Give the system of the rated department a token with these scopes; nobody is shown it but us."""
        token = PREFIX + secrets.token_urlsafe(32)
        self.add_token(digest(token), scopes)
        return token

    def add_token(self, written: bytes, scopes: tuple[str, ...]) -> int:
        row = {"digest": written, "name": "办件系统", "programme": "xs", "department": RATED, "scopes": list(scopes)}
        row |= {"issued_at": self.clock.moment, "issued_by": "test", "expires_at": self.clock.moment + ABSOLUTE}
        with unit_of_work() as session:
            return int(session.scalar(insert(Token).values(row).returning(Token.id)) or 0)


def build(app: Flask, folder: Path) -> World:
    """Fill an empty database with the world."""
    world = World(app, app.extensions["bihuan"]["clock"])
    found_city()
    _people()
    _take(folder)
    for whose, (programme, department) in PLACES.items():
        world.cases[whose] = _driven(programme, f"R-{whose}", department, world.clock)
    _own_is_of_the_hotline(world.cases["own"].case_id)
    _name_all(world)
    return world


def _people() -> None:
    """Add the roles that a department of the city lacks, all with one password."""
    hashed = hash_password(PASSWORD)
    lacking = set(Role) - {Role.HANDLER, Role.HEAD, Role.LEADER, Role.SYSTEM}
    with unit_of_work() as session:
        for role in sorted(lacking):
            row = account_row("xs", RATED, role.value) | {"staff": STAFF if role is Role.WINDOW else None}
            if role in ADMINISTRATORS:
                row |= {"programme": "", "department": "", "login": f"..{role.value}"}
            session.execute(insert(Account), row)
        somebody = account_row("xs", RATED, Role.CLERK.value)
        session.execute(insert(Account), somebody | {"login": "somebody"})
        session.execute(update(Account).values(password_hash=hashed))


def _take(folder: Path) -> None:
    """Take in catalogue, services and bad reviews, as they come from outside."""
    catalogue, records, reviews = [], [], []
    for whose, (programme, department) in PLACES.items():
        item = "1" * 30 + whose[0].upper()
        of_department = {"programme": programme, "department": department}
        staff = STAFF if whose == "own" else "s" + whose
        for kind, code in (("window", "w" + whose), ("terminal", "t" + whose), ("staff", staff)):
            catalogue.append(of_department | {"kind": kind, "code": code})
        catalogue.append(of_department | {"kind": "item", "code": item, "detail": "20"})
        catalogue.append({"programme": programme, "kind": "channel", "code": "window"})
        person = {"certKey": f"99000119800101{len(records):04d}", "mobile": PHONES[whose]}
        at = {"deptCode": department, "window": "w" + whose, "proManager": staff, "taskCode": item}
        records.append(record(programme=programme, projectNo=f"R-{whose}") | person | at)
        reviews.append(bad_review(programme=programme, projectNo=f"R-{whose}"))
    named = [{"name": row["code"]} | row for row in catalogue]
    for kind, rows in (("catalogue", named), ("records", records), ("reviews", reviews)):
        path = folder / f"{kind}.jsonl"
        path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
        report = import_file(kind, path)
        assert not report.refused, report.refused


def _driven(programme: str, number: str, department: str, clock: VirtualClock) -> Driver:
    """Return the case of a service, sent on to its department."""
    with unit_of_work() as session:
        key = session.scalars(select(Case.id).where(Case.record == number)).one()
    case = Driver(key, programme, clock)
    case.do(next(iter(case.open_tasks())), department=department)
    return case


def _own_is_of_the_hotline(case: int) -> None:
    """Let the clerk find one's own case too: it came over 12345."""
    with unit_of_work() as session:
        session.execute(update(Case).where(Case.id == case).values(channel="12345"))


def _name_all(world: World) -> None:
    """Say what each object is called in paths and bodies."""
    numbers = {whose: case.case.number for whose, case in world.cases.items()}
    world.objects = {
        "case": _each("number", numbers | {"none": "XS-2025-999999"}),
        "record": _each("record", {whose: f"R-{whose}" for whose in WHOSE}),
        "reviewer": _each("phone", PHONES | {"none": "15410000009"}),
        "colleague": _each("login", {
            "own": f"xs.{RATED}.handler2", "department": f"xs.{OTHER}.handler2", "programme": f"gc.{RATED}.handler2",
            "none": "nobody.handler",
        }),
        "account": _each("login", {"own": "somebody", "none": "nobody.at.all"}),
        "listed": _each("programme", {"own": "xs", "programme": "gc", "none": "qq"}),
        "published": _each("code", {"own": "xs", "programme": "gc", "none": "qq"}),
        "department": _in("xs", "gc", RATED, RATED),
        "window": _in("xs", "gc", "wown", "wprogramme"),
        "terminal": _in("xs", "gc", "town", "tprogramme"),
        "draw": _each("period", {"own": _draw(world, "xs", "2025-02"), "programme": _draw(world, "gc", "2025-01"),
                                 "none": "1999-01"}),
        "token": _each("number", {"none": 999_999}),
        "substitution": _each("number", {"none": 999_999}),
        "referral": _each("referral", {"programme": _referral(world, "programme"), "none": 999_999}),
    }  # fmt: skip
    world.makers = {
        "token": lambda: {"number": world.add_token(secrets.token_bytes(32), ("read_cases",))},
        "referral": lambda: {"referral": _referral(world, "own")},
        "substitution": lambda: {"number": _substitution(world)},
    }
    for kind in ("see", "correct", "delete"):
        name = f"request to {kind}"
        world.objects[name] = _each("request", {"programme": _request(world, "programme", kind), "none": 999_999})
        world.makers[name] = lambda kind=kind: {"request": _request(world, "own", kind)}


def _each(name: str, values: dict[str, Any]) -> dict[str, Fields]:
    return {whose: {name: value} for whose, value in values.items()}


def _in(own: str, other: str, code: str, other_code: str) -> dict[str, Fields]:
    """Name something that is found by its programme and its code; what does not exist lies in no programme."""
    found = {"own": (own, code), "programme": (other, other_code), "none": ("qq", code)}
    return {whose: {"programme": programme, "code": name} for whose, (programme, name) in found.items()}


def _draw(world: World, programme: str, period: str) -> str:
    """Store a draw without members whose calls are over."""
    vault = load_vault(world.app.extensions["bihuan"]["config"].key_file)
    secret = secrets.token_bytes(32)
    row = {
        "programme": programme, "period": period, "opens_at": BEGINNING, "freezes_at": BEGINNING + timedelta(days=31),
        "share": "1/5", "commitment": hashlib.sha256(secret).hexdigest(), "committed_at": BEGINNING,
        "secret": vault.seal(secret.hex(), secret_place(programme, period)), "frozen_at": BEGINNING + timedelta(days=32),
        "pool_digest": "-", "finished_at": BEGINNING + timedelta(days=33),
    }  # fmt: skip
    with unit_of_work() as session:
        session.execute(insert(Draw), row)
    return period


def _substitution(world: World) -> int:
    """Store that a colleague stands in for the handler of the rated department."""
    day = world.clock.moment.date()
    row = {"from_on": day, "until_on": day, "is_by_head": False, "appointed_by": "test", "appointed_at": world.clock.moment}
    with unit_of_work() as session:
        logins = {"absent": f"xs.{RATED}.handler", "substitute": f"xs.{RATED}.handler2"}
        for name, login in logins.items():
            row[name] = session.scalars(select(Account.id).where(Account.login == login)).one()
        return int(session.scalar(insert(Substitution).values(row).returning(Substitution.id)) or 0)


def _referral(world: World, whose: str) -> int:
    programme = PLACES[whose][0]
    row = {"case_id": world.cases[whose].case_id, "programme": programme, "kind": "breach", "grounds": "线索"}
    row |= {"referred_at": world.clock.moment, "referred_by": "test"}
    with unit_of_work() as session:
        return int(session.scalar(insert(Referral).values(row).returning(Referral.id)) or 0)


def _request(world: World, whose: str, kind: str) -> int:
    programme = PLACES[whose][0]
    with unit_of_work() as session:
        reviewer = session.scalars(select(Reviewer.id).where(Reviewer.programme == programme).order_by(Reviewer.id)).first()
        row = {
            "programme": programme, "reviewer": reviewer, "kind": kind, "wish": {"name": "欧阳丙"} if kind == "correct" else None,
            "received_at": world.clock.moment, "received_by": "test", "due_on": date(2025, 5, 1),
        }  # fmt: skip
        return int(session.scalar(insert(DataRequest).values(row).returning(DataRequest.id)) or 0)
