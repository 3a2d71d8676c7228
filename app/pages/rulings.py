"""裁定台: claims, appeals, extensions and third rounds, each with both sides, how like ones went, and what it would do."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import Blueprint, g
from flask.typing import ResponseReturnValue

from app.acts import would_be
from app.appeals.precedents import list_precedents
from app.appeals.queries import list_appeals
from app.cases.acting import return_task, sign_task
from app.cases.dossier import Facts, bundle_in, read_deadlines, read_task
from app.cases.foretelling import Outlook, look_ahead
from app.cases.inbox import Wanted
from app.cases.outline import Line
from app.cases.registry import RULINGS
from app.cases.step import Step
from app.casework.attachments import list_attachments
from app.db import unit_of_work
from app.errors import AppError
from app.identity.actor import Actor
from app.identity.rights import Right
from app.pages.benches import Bench
from app.pages.guard import refuse_other_sites, shows
from app.revisits.queries import list_revisits

blueprint = Blueprint("page_rulings", __name__, url_prefix="/rulings", template_folder="templates")
blueprint.before_request(refuse_other_sites)
# Which field of each ruling's form decides.
DECIDING = {"rule_claim": "upheld", "rule_appeal": "upheld", "rule_extension": "granted", "decide_round": "decision"}
YES_NO = {"true": "是", "false": "否"}


def _more(case_id: int, line: Line, case: Facts) -> Facts:
    """Return both sides of the question, how like ones were ruled, and what each answer would lead to."""
    task = case["task"]
    act, element = str(task["act"]), line.element
    deciding = DECIDING[act]
    answers = next((field["choices"] or YES_NO for field in task["fields"] if field["id"] == deciding), {})
    outlooks = {code: _outlook(case_id, act, element, code) for code in answers}
    ahead = {department for each in outlooks.values() if isinstance(each, Outlook) for _, department in each.steps}
    with unit_of_work():
        bundle = bundle_in(case_id)
        precedents = list_precedents(case_id, act, element, g.actor)
        return {
            "asked": _asked(case_id) if act in RULINGS else None,
            "told": _told(case, case_id) if act in RULINGS else [],
            "extension": _extension(case, case_id) if act == "rule_extension" else None,
            "revisits": list_revisits(case_id) if act == "decide_round" else [],
            "results": _choices(bundle.program.definition.nodes.values(), "result"),
            "grounds": _choices(bundle.program.definition.nodes.values(), "ground"),
            "attachments": list_attachments(case_id), "precedents": precedents, "deciding": deciding, "answers": answers,
            "outlooks": outlooks, "rules": bundle.rules,
            "needs_second": bundle.program.definition.nodes[element].properties.get("second_person") == "true",
            "departments": ahead | {each.rated_department for each in precedents},
        }  # fmt: skip


def _outlook(case_id: int, act: str, element: str, code: str) -> Outlook | AppError | None:
    """Return what an answer leads to; how much more time is granted is written beside it, and moves the date by that."""
    if (act, code) == ("rule_extension", "true"):
        return None
    return would_be(case_id, partial(_look_ahead, element, {DECIDING[act]: code}))


def _look_ahead(element: str, answer: dict[str, str], step: Step, actor: Actor) -> Outlook:
    return look_ahead(step, element, actor, answer)


def _asked(case_id: int) -> Facts | None:
    return next((each for each in reversed(list_appeals(case_id)) if each["upheld"] is None), None)


def _told(case: Facts, case_id: int) -> list[Facts]:
    """Return what the department entered when it verified and claimed, in its newest words."""
    elements = dict.fromkeys(each["element"] for each in case["tasks"] if each["act"] in {"verify", "claim"})
    return [task for task in (read_task(case_id, element) for element in elements) if task["entered"]]


def _extension(case: Facts, case_id: int) -> Facts | None:
    """Return the extension that is asked for, with the limit that it would move."""
    asked = next((each for each in case["extensions"] if each["round"] == case["round"]), None)
    running = (each for each in read_deadlines(case_id) if asked and each["element"] == asked["element"])
    return asked and asked | {"limit": next((each for each in running if each["status"] == "running"), None)}


def _choices(nodes: Any, field: str) -> dict[str, str]:
    return {code: word for node in nodes for each in node.form if each.id == field for code, word in each.choices.items()}


BENCH = Bench("page_rulings", "rulings.html", Wanted(acts=frozenset(DECIDING)), _more)


@blueprint.get("")
@shows(Right.SUBMIT_TASK)
def index() -> str:
    """List what has to be ruled on, due first."""
    return BENCH.index()


@blueprint.get("/<number>/<element>")
@shows(Right.SUBMIT_TASK)
def show(number: str, element: str) -> ResponseReturnValue:
    """Show one question with both sides."""
    return BENCH.show(number, element)


@blueprint.post("/<number>/<element>")
@shows(Right.SUBMIT_TASK)
def submit(number: str, element: str) -> ResponseReturnValue:
    """Enter a ruling; one that needs two persons waits for the second."""
    return BENCH.submit(number, element)


@blueprint.post("/<number>/<element>/signature")
@shows(Right.SIGN_TASK)
def sign(number: str, element: str) -> ResponseReturnValue:
    """Confirm a ruling as the second person; it takes effect."""
    return BENCH.act(number, element, lambda step, actor: sign_task(step, element, actor))


@blueprint.post("/<number>/<element>/return")
@shows(Right.SIGN_TASK)
def send_back(number: str, element: str) -> ResponseReturnValue:
    """Send a ruling back to who entered it."""
    return BENCH.act(number, element, lambda step, actor: return_task(step, element, actor))
