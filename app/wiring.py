"""The composition root: who hears which event, what a diagram may name."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from app import events
from app.appeals.applying import claim, verify_and_claim
from app.appeals.ruling import rule_appeal, rule_claim, void_rating
from app.cases import acts, bounces, extensions, limits, registry
from app.cases.opening import open_case
from app.cases.registry import Act, Function
from app.db import db, table_of
from app.identity.models import Reviewer
from app.identity.rotation import Encrypted, sealed_columns
from app.intake.complaints import complaint_place
from app.intake.events import BadReviewReceived
from app.intake.models import Complaint, ImportRefusal, Review, UncountedReview
from app.intake.old import result_place
from app.intake.progress import refusal_place
from app.intake.reviews import words_place
from app.programmes.vocabulary import ActWords, Vocabulary
from app.revisits.calling import revisit
from app.revisits.draws import secret_place
from app.revisits.events import ReviewerPressed
from app.revisits.models import Draw
from app.supervision.referrals import refer, store_referral

ACTS = {
    "forward": Act(acts.forward, "forwarded_at", frozenset({"department"})),
    "resend": Act(bounces.resend, "resent_at", frozenset({"department"})),
    "rule_bounce": Act(bounces.rule_bounce, "resent_at", frozenset({"department"})),
    "contact": Act(acts.plain, "contacted_at"),
    "verify": Act(verify_and_claim, "verified_at", frozenset({"truth", "responsibility", "handling"})),
    "ledger": Act(acts.plain, "ledger_at", frozenset({"ledger_number", "plan"})),
    "promise": Act(extensions.promise, "promised_at", frozenset({"promised_on"})),
    "rectify": Act(acts.plain, "handled_at", frozenset({"measures"})),
    "explain": Act(acts.plain, "handled_at", frozenset({"basis"})),
    "claim": Act(claim, "claimed_at", frozenset({"ground", "evidence"})),
    "rule_claim": Act(rule_claim, "ruled_at", frozenset({"upheld"}), may_set=frozenset({"refused_at"})),
    "rule_appeal": Act(rule_appeal, "ruled_at", frozenset({"upheld"})),
    "rule_extension": Act(extensions.rule_extension, "extension_ruled_at", frozenset({"granted"})),
    "answer": Act(acts.answer, "answered_at", frozenset({"found", "done", "basis", "outcome"})),
    "report": Act(acts.plain, "reported_at"),
    "revisit": Act(revisit, "revisited_at", frozenset({"result"})),
    "decide_round": Act(acts.decide_round, "decided_at", frozenset({"decision"}), frozenset({"complex_granted"})),
    "province_send": Act(acts.province, "sent_at", frozenset(), frozenset({"asked_at"})),
    "province_result": Act(acts.plain, "asked_at", frozenset({"province"})),
    "province_decide": Act(acts.plain, "decided_at"),
}
FUNCTIONS = {
    "begin_round": Function(acts.begin_round, frozenset({"round", "round_at"})),
    "close": Function(acts.close, frozenset({"closed_at"})),
    "void_rating": Function(void_rating, frozenset({"voided"})),
    "grant_extension": Function(extensions.grant_extension),
    "refer": Function(refer),
}
MESSAGES = {
    "appeal": frozenset({"appealed_at"}),
    "extension": frozenset({"extension_asked_at"}),
    "bounce": frozenset({"bounces", "bounced_at"}),
    "refer": frozenset[str](),
    "draw": frozenset({"drawn", "drawn_at"}),
}


def encrypted_columns() -> list[Encrypted]:
    """Return every column of ciphertext with the place that its values are sealed for; a new key reaches them all."""
    people = table_of(Reviewer)
    placed = [Encrypted(people, name, partial(_person_place, name)) for name in ("name", "phone", "certificate")]
    placed += [Encrypted(table_of(each), "words", lambda row: words_place(dict(row))) for each in (Review, UncountedReview)]
    placed.append(Encrypted(table_of(Review), "rectification", lambda row: result_place(dict(row))))
    placed += [Encrypted(table_of(Complaint), name, complaint_place) for name in ("words", "phone")]
    placed.append(Encrypted(table_of(ImportRefusal), "reason", refusal_place))
    placed.append(Encrypted(table_of(Draw), "secret", lambda row: secret_place(row["programme"], row["period"])))
    return [*placed, *sealed_columns(db.metadata)]


def _person_place(column: str, row: Mapping[str, Any]) -> str:
    return f"reviewers.{column}.{row['person_index']}"


def vocabulary() -> Vocabulary:
    """Return the words of a diagram, from the tables above: what the linter lets through is what runs."""
    return Vocabulary(
        timer_functions=frozenset(limits.FUNCTIONS),
        acts={name: _words(name, act) for name, act in ACTS.items()},
        functions={name: function.sets for name, function in FUNCTIONS.items()},
        messages=MESSAGES,
        start=registry.START_VARIABLES,
        lasting=registry.CASE_VARIABLES,
    )


def _words(name: str, act: Act) -> ActWords:
    by_limit = frozenset({registry.HANDLE_BY}) if name in registry.HANDLING_ACTS else frozenset[str]()
    return ActWords(act.sets | {act.moment}, act.fields, act.may_set, by_limit)


def connect() -> None:
    """Fill the registries and connect listeners to events; safe to call again."""
    registry.ACTS.update(ACTS)
    registry.FUNCTIONS.update(FUNCTIONS)
    registry.MESSAGES.update(MESSAGES)
    events.listen(BadReviewReceived, open_case)
    events.listen(ReviewerPressed, report_reprisal)


def report_reprisal(event: ReviewerPressed) -> None:
    """Hand a suspected reprisal to overseer and discipline body (C9, S6)."""
    store_referral(event.case, event.programme, "reprisal", "回访时评价人称受到工作人员施压。", event.by, event.at)
