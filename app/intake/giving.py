"""Reviews that people give on our own pages, behind a link; they come in as every other review does (C4, X4)."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from app.catalogue.links import MATTERS, SERVICE, Link
from app.catalogue.models import CatalogueEntry
from app.catalogue.queries import department_names, find_entry
from app.clock import SHANGHAI
from app.db import db
from app.deadlines.moments import day_in_china
from app.identity.reviewers import read_reviewer
from app.identity.vault import Vault
from app.intake.batch import Row
from app.intake.defaults import DEFAULT
from app.intake.matters import open_matters
from app.intake.models import Review, ServiceRecord
from app.intake.profiles import profile
from app.intake.queries import RecordUnknown, Served, find_channel, find_records, find_reviews
from app.intake.voices import VOICE
from app.programmes.rules import Rules
from app.programmes.versions import bundle_of, current_version


@dataclass(frozen=True)
class Asked:
    """What a review will be about; `is_given` once somebody has reviewed this service."""

    programme: str
    item: str
    window: str
    served_on: date | None
    rates_staff: bool
    may_be_anonymous: bool
    is_given: bool


@dataclass(frozen=True, repr=False)
class Given:
    """What somebody says: levels from 1 (very dissatisfied) to 5, reasons of the national list, words."""

    level: int
    reasons: Collection[str]
    words: str
    staff_level: int | None
    is_anonymous: bool


def find_asked(link: Link, now: datetime) -> Asked:
    """Return what a link asks about; a window's link asks about a matter that came to no service.

    Raises:
        RecordUnknown: its service is not there.
        EntryUnknown: nor is its window.
    """
    anonymous = may_be_anonymous(link.programme)
    if link.kind != SERVICE:
        window = find_entry(link.programme, *link.parts)
        return Asked(link.programme, "", window["name"], None, False, anonymous, False)
    served = _served(link, now)
    key = (served.programme, served.record, served.visit)
    given = {sequence for *service, sequence in find_reviews({key: served}) if tuple(service) == key and sequence != DEFAULT}
    return Asked(
        link.programme,
        _name(link.programme, "item", _item_of(served)),
        _name(link.programme, "window", served.window),
        served.served_on,
        served.staff is not None,
        anonymous,
        bool(given),
    )


def _rules(programme: str) -> Rules:
    return bundle_of(current_version(programme)).rules


def _served(link: Link, now: datetime) -> Served:
    record, visit = link.parts
    found = find_records([((link.programme, record, int(visit)), now)])
    if not found:
        raise RecordUnknown("没有找到这次办理。")
    return next(iter(found.values()))


def _item_of(served: Served) -> str | None:
    key = (served.served_on, served.programme, served.record, served.visit)
    return db.session.get_one(ServiceRecord, key).item


def describe(review: Review) -> Asked:
    """Return what a review was about; a voice was about no service, and names its department alone."""
    key = (review.served_on, review.programme, review.record, review.visit)
    served = db.session.get(ServiceRecord, key)
    place = (
        _name(review.programme, "window", review.window)
        or department_names(review.programme, [review.department])[review.department]
    )
    item = _name(review.programme, "item", served.item) if served else ""
    return Asked(review.programme, item, place, review.served_on, review.staff is not None, review.is_anonymous, True)


def _name(programme: str, kind: str, code: str | None) -> str:
    entry = (CatalogueEntry.programme == programme, CatalogueEntry.kind == kind, CatalogueEntry.code == code)
    return db.session.scalar(select(CatalogueEntry.name).where(*entry)) or ""


def find_own_service(link: Link, record: str, phone_end: str, now: datetime, vault: Vault) -> Link:
    """Return the personal link of a service, for who stands at its window and knows number and end of the phone.

    Of all their matters, where more than one waits for a review.

    Raises:
        RecordUnknown: no such service of this window's department with this phone; which of it is not told.
    """
    department = find_entry(link.programme, *link.parts)["department"]
    found = find_records([((link.programme, record, 1), now)])
    for served in found.values():
        person = read_reviewer(served.reviewer, link.programme, vault) if served.reviewer else None
        if served.department == department and person and person.phone and person.phone[-4:] == phone_end:
            matters = Link(MATTERS, link.programme, (str(served.reviewer), day_in_china(now).isoformat()))
            one = Link(SERVICE, link.programme, (served.record, str(served.visit)))
            return matters if len(open_matters(matters)) > 1 else one
    raise RecordUnknown("没有找到这次办理：请核对办件编号和办事时留的手机号后四位。")


def may_be_anonymous(programme: str) -> bool:
    """Whether a programme takes reviews without a name."""
    return not _rules(programme).raw.get("real_name", {}).get("required")


def takes_voices(programme: str) -> bool:
    """Whether a programme has a channel for voices without a service."""
    return find_channel(programme, VOICE) is not None


def row_of(link: Link, given: Given, at: datetime, channel: str = "qr") -> Row:
    """Return the row of the exchange that says the same, in the province's codes."""
    codes = profile(_rules(link.programme).raw["profile"])
    row: dict[str, Any] = {
        "programme": link.programme,
        "satisfaction": _code(codes.levels, given.level),
        "evalDetail": ",".join(given.reasons),
        "writingEvaluation": given.words or None,
        "assessTime": at.astimezone(SHANGHAI).isoformat(),
        "anonymityFlag": "1" if given.is_anonymous else "2",
    }
    if link.kind == SERVICE:
        staff = {"staffSatisfaction": _code(codes.levels, given.staff_level)} if given.staff_level else {}
        number = {"projectNo": link.parts[0], "serviceNumber": link.parts[1], "pf": _code(codes.channels, channel)}
        return row | number | staff
    department = find_entry(link.programme, *link.parts)["department"]
    voice = {"voiceNo": secrets.token_hex(8), "deptCode": department, "channel": find_channel(link.programme, VOICE)}
    return row | voice


def _code(codes: Mapping[str, object], value: object) -> str:
    """Return the province's code of a value."""
    return next(code for code, meaning in codes.items() if meaning == value)
