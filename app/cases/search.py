"""Finding cases by words: what the reviewer wrote, the matter, the window, the number.

The words of reviewers are encrypted, so the index holds none of them: each is kept as a
keyed number (a blind index), and a search asks for the numbers of its own words. It is
filled by a job, so that taking a review in waits for nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

import rjieba
from sqlalchemy import ColumnElement, delete, select, tuple_
from sqlalchemy.dialects.postgresql import insert

from app.cases.models import Case, CaseTerms
from app.cases.rating import read_review, read_service
from app.db import db, table_of
from app.identity.vault import Vault
from app.intake.forgetting import ReviewKey

TERMS = table_of(CaseTerms)
# More words than anybody searches by; a pasted page is cut off here.
MOST = 12


def matching(programme: str, text: str, vault: Vault) -> ColumnElement[bool] | None:
    """Return the condition on `Case.id` of cases that have every word of a text; None for a text without words."""
    words = words_of(text)[:MOST]
    if not words:
        return None
    return Case.id.in_(select(TERMS.c.case_id).where(TERMS.c.terms.contains(_keyed(programme, words, vault))))


def words_of(text: str) -> list[str]:
    """Return the words of a text, each once, as they are searched by: small letters, numbers without leading noughts."""
    found = (word.strip().lower() for word in rjieba.cut_for_search(text))
    return list(dict.fromkeys(word.lstrip("0") or "0" if word.isdecimal() else word for word in found if word.isalnum()))


def _keyed(programme: str, words: Iterable[str], vault: Vault) -> list[int]:
    """Return the number of each word, by programme: the same word is another one elsewhere."""
    return [int.from_bytes(bytes.fromhex(vault.index(programme, f"term\0{word}"))[:8], signed=True) for word in words]


def index_new_cases(vault: Vault, limit: int) -> int:
    """Index cases that have no words yet, oldest first; return how many there were."""
    missing = select(Case.id).outerjoin(CaseTerms).where(CaseTerms.case_id.is_(None)).order_by(Case.id).limit(limit)
    cases = db.session.scalars(missing).all()
    for case_id in cases:
        terms = _keyed(*_spoken(case_id, vault), vault)
        db.session.execute(insert(TERMS).values(case_id=case_id, terms=terms).on_conflict_do_nothing())
    return len(cases)


def _spoken(case_id: int, vault: Vault) -> tuple[str, list[str]]:
    """Return a case's programme, and the words by which it is found. What is masked for colleagues is not found either."""
    case, service, review = db.session.get_one(Case, case_id), read_service(case_id), read_review(case_id, vault)
    reasons = [reason["label"] for reason in review["reasons"]]
    texts = [case.number, case.record, service.get("item"), service.get("window"), review["words"], *reasons]
    return case.programme, words_of("\n".join(text for text in texts if text))


def forget_terms(reviews: Collection[ReviewKey], complaints: Collection[tuple[str, str]]) -> None:
    """Drop the words of the cases of reviews and complaints; they are indexed again by what is left of them."""
    opened_by = (Case.served_on, Case.programme, Case.record, Case.visit, Case.sequence)
    about = (tuple_(*opened_by).in_(reviews), tuple_(Case.programme, Case.record).in_(complaints))
    for condition in about:
        db.session.execute(delete(TERMS).where(TERMS.c.case_id.in_(select(Case.id).where(condition))))
