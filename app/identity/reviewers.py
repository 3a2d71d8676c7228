"""Reviewers as persons with rights over their data: found again, shown to themselves, corrected, forgotten. PIPL 44-47."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import RowMapping, String, cast, func, literal, select, update

from app.db import db, table_of
from app.identity.errors import ReviewerNotFound
from app.identity.models import Reviewer
from app.identity.vault import Vault

REVIEWERS = table_of(Reviewer)
COLUMNS = ("name", "phone", "certificate")
# Stands where the keyed digest of the certificate stood: it leads back to nobody.
FORGOTTEN = "forgotten/"


@dataclass(frozen=True, repr=False)
class Person:
    """What is known of a reviewer, in plain; only for the reviewer and who must call them."""

    name: str
    phone: str
    certificate: str


def phone_key(programme: str, phone: str | None, vault: Vault) -> str | None:
    """Return the keyed digest under which a phone is found again, however it is written."""
    digits = "".join(sign for sign in phone or "" if sign.isdigit())
    return vault.index(programme, f"phone/{digits[-11:]}") if digits else None


def find_reviewer(programme: str, certificate_kind: str, certificate: str, vault: Vault) -> int | None:
    """Return a reviewer's key by their certificate, without a plain one being stored anywhere."""
    index = vault.index(programme, f"{certificate_kind}/{certificate.upper()}")
    return db.session.scalar(select(Reviewer.id).where(Reviewer.programme == programme, Reviewer.person_index == index))


def read_reviewer(reviewer: int, programme: str, vault: Vault) -> Person:
    """Return what is known of a reviewer of a programme; empty where it is not known, or no longer.

    Raises:
        ReviewerNotFound: there is none in this programme.
    """
    found = read_reviewers({reviewer}, programme, vault)
    if reviewer not in found:
        raise ReviewerNotFound("没有这位评价人。")
    return found[reviewer]


def read_reviewers(reviewers: Collection[int], programme: str, vault: Vault) -> dict[int, Person]:
    """Return the same of several, by their keys; who is not of this programme is not among them."""
    query = select(REVIEWERS).where(REVIEWERS.c.id.in_(reviewers), REVIEWERS.c.programme == programme)
    return {row["id"]: _person(row, vault) for row in db.session.execute(query).mappings()} if reviewers else {}


def _person(row: RowMapping, vault: Vault) -> Person:
    index = row["person_index"]
    return Person(*(vault.open(row[name], f"reviewers.{name}.{index}") if row[name] else "" for name in COLUMNS))


def correct_reviewer(reviewer: int, name: str | None, phone: str | None, vault: Vault) -> None:
    """Replace name or phone; None leaves what is there. The certificate tells persons apart and is not corrected.

    Raises:
        ReviewerNotFound: there is none, or their data is deleted.
    """
    query = select(Reviewer.programme, Reviewer.person_index).where(Reviewer.id == reviewer).with_for_update()
    programme, index = db.session.execute(query).one_or_none() or ("", FORGOTTEN)
    if index.startswith(FORGOTTEN):
        raise ReviewerNotFound("没有这位评价人，或其个人信息已删除。")
    given = {"name": name, "phone": phone}
    values: dict[str, Any] = {
        column: vault.seal(value, f"reviewers.{column}.{index}") for column, value in given.items() if value is not None
    }
    if phone is not None:
        values["phone_index"] = phone_key(programme, phone, vault)
    if values:
        db.session.execute(update(REVIEWERS).where(REVIEWERS.c.id == reviewer).values(**values))


def forget_reviewers(reviewers: Collection[int]) -> int:
    """Remove all that names these persons, the keyed digest too; return how many were still known.

    Their rows stay as mere numbers, so that counts by person come out the same.
    """
    known = REVIEWERS.c.id.in_(reviewers) & REVIEWERS.c.person_index.not_like(f"{FORGOTTEN}%")
    gone = {"name": None, "phone": None, "phone_index": None, "certificate": None}
    index = func.concat(literal(FORGOTTEN), cast(REVIEWERS.c.id, String))
    statement = update(REVIEWERS).where(known).values(**gone, person_index=index).returning(REVIEWERS.c.id)
    return len(db.session.scalars(statement).all())
