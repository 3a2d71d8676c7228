"""One case as its page shows it: what was said, the forms, why that date, where it stands, what may be asked for."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask import g, render_template, request

from app.acts import reading, refusal_of
from app.cases.acting import require_open_to, sign_task
from app.cases.assignment import release_task, take_task
from app.cases.course import steps_in_a_row
from app.cases.dossier import bundle_in, list_linked, read_case, read_deadlines, read_form, read_task, read_timeline
from app.cases.errors import NotYourTask
from app.cases.outline import Line, outline
from app.cases.rating import read_review, read_service
from app.cases.reveal import CALLING, Contact
from app.casework.attachments import list_attachments, require_attachable
from app.casework.drafts import drafts_of
from app.casework.earlier import list_earlier
from app.casework.objections import answer_objection, list_objections, steps_with_a_say
from app.casework.remarks import list_remarks
from app.catalogue.queries import department_names, list_names
from app.clock import SHANGHAI
from app.db import db
from app.errors import AppError
from app.identity.accounts import list_colleagues, names_of
from app.identity.actor import Actor
from app.identity.rights import Right, may
from app.pages.ledger import rests, weeks
from app.pages.offers import REVEAL, offered, offers_on
from app.pages.words import ACTS, LEVELS, STATUS
from app.request import clock, vault
from app.revisits.own_word import own_ratings
from app.revisits.secrecy import hidden_elements

METHODS = {"phone": "电话", "sms": "短信", "wechat": "微信", "visit": "上门"}
NEVER = datetime.max.replace(tzinfo=UTC)
Facts = dict[str, Any]


def show_case(number: str, wrong: AppError | None = None, at: str = "", contact: Contact | None = None) -> str:
    """Show a case: with what was wrong in the form of `at`, where what was typed still stands, or with a contact."""
    actor: Actor = g.actor
    with reading(number) as case_id:
        facts = facts_of(case_id, number, actor)
        pressing = _pressing(facts["outline"], actor)
        waiting = [_form(case_id, each.element, actor) for each in pressing if _is_of(each, actor)]
        beside = _beside(case_id, actor)
    tasks = [_offered(case_id, task) for task in waiting]
    offers = offers_on(case_id, actor)
    answers = refusal_of(case_id, lambda step, each: answer_objection(step, each, 0, is_upheld=False, answer="—"))
    return render_template(
        "case.html", **facts, **beside, tasks=tasks, pressing=pressing, offers=offers, wrong=wrong, at=at, typed=request.form,
        running=_running(facts["limits"], pressing), choices=_choices(facts["case"], offers), contact=contact,
        reveal=offered(case_id, actor, REVEAL), methods=METHODS, attaching=refusal_of(case_id, require_attachable),
        answers_objections=not isinstance(answers, NotYourTask),
    )  # fmt: skip


def facts_of(case_id: int, number: str, actor: Actor) -> Facts:
    """Return what is on the record of a case, as page and print show it."""
    hidden = hidden_elements(case_id, actor)
    now = clock().now(db.session.connection())
    case, acts = read_case(case_id, hidden), read_timeline(number, hidden=hidden)
    codes = {each["department"] for each in case["tasks"]} | {each["department"] for each in case["co_handlers"]}
    reads = may(actor, Right.READ_REVIEWS)
    return {
        "case": case, "limits": read_deadlines(case_id, hidden), "acts": list(reversed(acts)),
        "review": read_review(case_id, vault()) if reads else None, "own_words": own_ratings(case_id) if reads else {},
        "outline": outline(case_id, now, hidden), "service": read_service(case_id), "programme": bundle_in(case_id).rules.name,
        "names": department_names(case["programme"], codes | {case["department"], case["rated_department"]}),
        "people": names_of({act["actor"] for act in acts}), "linked": list_linked(case_id), "words": ACTS,
        "levels_due": LEVELS, "status": STATUS, "weeks": weeks, "rests": rests, "now": now,
        "today": now.astimezone(SHANGHAI).date(),
    }  # fmt: skip


def _beside(case_id: int, actor: Actor) -> Facts:
    """Return what people wrote and kept beside the steps."""
    remarks, objections, attachments = list_remarks(case_id, actor), list_objections(case_id), list_attachments(case_id)
    authors = {each.made_by for each in remarks} | {each.made_by for each in objections} | {each.added_by for each in attachments}
    return {
        "remarks": remarks, "objections": objections, "attachments": attachments, "authors": names_of(authors),
        "earlier": list_earlier(case_id, actor, vault()) if may(actor, Right.READ_REVIEWS) else [],
        "drafts": drafts_of(case_id, actor), "colleagues": list_colleagues(actor) if actor.handles else [],
        "disputable": steps_with_a_say(case_id, actor),
    }  # fmt: skip


def _is_of(line: Line, actor: Actor) -> bool:
    """Whether a step waits for the actor's department."""
    return line.is_open and actor.handles and line.department == actor.department


def _pressing(lines: list[Line], actor: Actor) -> list[Line]:
    """Return the steps that wait: the actor's own before those of others, and then the one that falls due first."""
    return sorted((each for each in lines if each.is_open), key=lambda each: (not _is_of(each, actor), each.due_at or NEVER))


def _running(limits: list[Facts], pressing: list[Line]) -> list[Facts]:
    """Return the limits that run, in the order of their steps."""
    order = [each.element for each in pressing]
    running = [each for each in limits if not each["ended"]]
    return sorted(running, key=lambda each: order.index(each["element"]) if each["element"] in order else len(order))


def _form(case_id: int, element: str, actor: Actor) -> Facts:
    """Return a step that waits, with the forms of those after it that may be filled in together with it."""
    following = steps_in_a_row(bundle_in(case_id).program.definition, element, actor)[1:]
    return read_task(case_id, element) | {"following": [read_form(case_id, node.id) for node in following]}


def _offered(case_id: int, task: Facts) -> Facts:
    """Add why the actor cannot do the step, take it, or give it back; None where they can."""
    element = task["element"]
    if task["status"] == "submitted":
        return task | {"refusal": refusal_of(case_id, lambda step, each: sign_task(step, element, each))}
    refusal = refusal_of(case_id, lambda step, each: require_open_to(step, element, each))
    taking = refusal_of(case_id, lambda step, each: take_task(step, element, each))
    releasing = refusal_of(case_id, lambda step, each: release_task(step, element, each))
    calls = task["act"] in CALLING and not refusal
    return task | {"refusal": refusal, "calls": calls, "taking": taking, "releasing": releasing}


def _choices(case: Facts, offers: list[Any]) -> dict[str, dict[str, str]]:
    """Return what can be chosen from the catalogue for the offers that are open."""
    kinds = {kind for _, offer, refusal in offers if refusal is None for kind in offer.lists.values()}
    return {kind: list_names(case["programme"], kind, case["rated_department"]) for kind in kinds}
