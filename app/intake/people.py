"""Reviewers as they come in: encrypted before they reach the database, found again by a blind index."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select, update

from app.db import db, table_of
from app.identity.errors import ReviewerNotFound
from app.identity.models import Reviewer
from app.identity.reviewers import phone_key
from app.identity.vault import Vault
from app.intake.batch import add_rows
from app.intake.queries import is_any

Key = tuple[str, str]
Known = dict[Key, tuple[int, bool]]

PEOPLE = table_of(Reviewer)


def person_key(row: dict[str, Any], vault: Vault) -> Key:
    """Return the programme and the keyed digest of a row's person: by certificate, which every record carries."""
    return row["programme"], vault.index(row["programme"], f"{row['userPageType']}/{row['certKey'].upper()}")


def find_by_phone(programme: str, phone: str | None, vault: Vault) -> int | None:
    """Return the reviewer with a phone, if there is exactly one: several persons may share a number."""
    index = phone_key(programme, phone, vault)
    if index is None:
        return None
    query = select(Reviewer.id).where(Reviewer.programme == programme, Reviewer.phone_index == index).limit(2)
    found = list(db.session.scalars(query))
    return found[0] if len(found) == 1 else None


def require_by_phone(programme: str, phone: str, vault: Vault) -> int:
    """Return the one reviewer with a phone.

    Raises:
        ReviewerNotFound: there is none, or more than one person has it.
    """
    found = find_by_phone(programme, phone, vault)
    if found is None:
        raise ReviewerNotFound("没有用这个电话登记的评价人，或不止一位。")
    return found


def store_people(rows: list[dict[str, Any]], vault: Vault, now: datetime) -> dict[Key, int]:
    """Store the persons of some records; return their keys by programme and index.

    Who is known already stays as they were; a phone that was missing is filled in.
    """
    people = {person_key(row, vault): row for row in rows}
    known = _known(people)
    # Sorted, so that two imports at once take their locks in one order.
    fresh = [_sealed(key, people[key], vault, now) for key in sorted(people.keys() - known.keys())]
    if fresh:
        add_rows(PEOPLE, fresh)
        known |= _known(people.keys() - known.keys())
    _fill_phones({key: row for key, row in people.items() if row["mobile"] and not known[key][1]}, known, vault)
    return {key: reviewer for key, (reviewer, _) in known.items()}


def _known(keys: Iterable[Key]) -> Known:
    """Return the stored ones of some persons, each with whether a phone is known."""
    by_programme = defaultdict(list)
    for programme, index in keys:
        by_programme[programme].append(index)
    known: Known = {}
    for programme, indexes in by_programme.items():
        query = select(Reviewer.person_index, Reviewer.id, Reviewer.phone.is_not(None))
        found = db.session.execute(query.where(Reviewer.programme == programme, is_any(Reviewer.person_index, indexes)))
        known |= {(programme, index): (reviewer, has_phone) for index, reviewer, has_phone in found}
    return known


def _fill_phones(people: dict[Key, dict[str, Any]], known: Known, vault: Vault) -> None:
    rows = [
        {
            "key": known[key][0],
            "sealed": _seal("phone", row["mobile"], key, vault),
            "index": phone_key(key[0], row["mobile"], vault),
        }
        for key, row in sorted(people.items())
    ]
    if rows:
        statement = update(PEOPLE).where(PEOPLE.c.id == bindparam("key"), PEOPLE.c.phone.is_(None))
        db.session.connection().execute(statement.values(phone=bindparam("sealed"), phone_index=bindparam("index")), rows)


def _sealed(key: Key, row: dict[str, Any], vault: Vault, now: datetime) -> dict[str, Any]:
    return {
        "programme": key[0], "person_index": key[1], "phone_index": phone_key(key[0], row["mobile"], vault),
        "name": _seal("name", row["userName"], key, vault),
        "phone": _seal("phone", row["mobile"], key, vault), "certificate": _seal("certificate", row["certKey"], key, vault),
        "first_seen_at": now,
    }  # fmt: skip


def _seal(column: str, value: str | None, key: Key, vault: Vault) -> bytes | None:
    return vault.seal(value, f"reviewers.{column}.{key[1]}") if value else None
