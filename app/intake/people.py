"""Reviewers as they come in: encrypted before they reach the database, found again by a blind index."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select, tuple_
from sqlalchemy.dialects.postgresql import insert

from app.db import db
from app.identity.models import Reviewer
from app.identity.vault import Vault


def person_index(row: dict[str, Any], vault: Vault) -> str:
    """Return the keyed digest of a row's person: by certificate, which every record carries."""
    return vault.index(row["programme"], f"{row['userPageType']}/{row['certKey']}")


def store_people(rows: list[dict[str, Any]], vault: Vault, now: datetime) -> dict[tuple[str, str], int]:
    """Store the persons of some records; return their keys by programme and index."""
    people = {(row["programme"], person_index(row, vault)): row for row in rows}
    if not people:
        return {}
    values = [_sealed(programme, index, row, vault, now) for (programme, index), row in people.items()]
    db.session.execute(insert(Reviewer).on_conflict_do_nothing(index_elements=["programme", "person_index"]), values)
    query = select(Reviewer.programme, Reviewer.person_index, Reviewer.id)
    found = db.session.execute(query.where(tuple_(Reviewer.programme, Reviewer.person_index).in_(list(people))))
    return {(programme, index): key for programme, index, key in found}


def _sealed(programme: str, index: str, row: dict[str, Any], vault: Vault, now: datetime) -> dict[str, Any]:
    def seal(column: str, value: str | None) -> bytes | None:
        return vault.seal(value, f"reviewers.{column}.{index}") if value else None

    return {
        "programme": programme, "person_index": index, "name": seal("name", row["userName"]), "phone": seal("phone", row["mobile"]),
        "certificate": seal("certificate", row["certKey"]), "first_seen_at": now,
    }  # fmt: skip
