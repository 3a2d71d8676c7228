"""One request of every route that changes something, made so that it succeeds: what killing and cutting are tried on."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from api.conftest import Caller, open_session
from api.world import OVERSEER, PASSWORD, World
from cases.conftest import OTHER, RATED, RULES, Driver, filled, open_case, person
from intake.conftest import bad_review, record
from sqlalchemy import select

from app.appeals.applying import apply_for_review
from app.cases.acting import submit_task
from app.cases.joint import ask_for_help
from app.cases.models import Case
from app.cli import import_file
from app.db import unit_of_work
from app.identity.models import Account

HANDLER, HEAD, SYSTEM = f"xs.{RATED}.handler", f"xs.{RATED}.head", "system"
CENTRE, SUPERIOR = f"xs.{OVERSEER}.handler", f"xs.{RULES['xs'].superior}.handler"
SECURITY, CATALOGUE, AUDIT = "..security_admin", "..system_admin", "..audit_admin"
VERIFIED = {"truth": "true", "responsibility": "unit", "handling": "clear"}


@dataclass
class Request:
    """Who sends what; `named` stands in the path."""

    login: str
    body: Any = None
    named: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    scopes: tuple[str, ...] = ()
    key: str = field(default_factory=lambda: secrets.token_hex(8))

    def caller(self, world: World) -> Caller:
        """Return somebody who is signed in as the sender, or holds a system's token."""
        if self.login == SYSTEM:
            return Caller(world.app.test_client(), world.token(*self.scopes), self.headers)
        with unit_of_work() as session:
            account = session.scalars(select(Account.id).where(Account.login == self.login)).one()
        return Caller(world.app.test_client(), open_session(account, world.clock), self.headers)


Make = Callable[[World], Request]


def handled(world: World, *done: str, **form: Any) -> Driver:
    """Return a new case that was sent on to the rated department, with these steps done."""
    case = open_case(world.clock, 1000 + next(world.numbers))
    case.do("forward")
    for element in done:
        case.do(element, **form)
    return case


def about(case: Driver, login: str, body: Any = None, **named: Any) -> Request:
    return Request(login, body, {"number": case.case.number, **named})


def on_case(login: str, body: Any, *done: str, **form: Any) -> Make:
    """Return what makes a request about a new case on which these steps are done."""
    return lambda world: about(handled(world, *done, **form), login, body)


def submission(world: World) -> Request:
    case, forms = handled(world), []
    case.act(lambda step: forms.append(filled(step.node("verify").form, VERIFIED)))
    return about(case, HEAD, {"form": forms[0]}, element="verify")


def submitted(world: World) -> Request:
    case, actor = handled(world, "verify", "rectify_clear"), person("xs", RATED)
    form = {"outcome": "answered"}
    case.act(lambda step: submit_task(step, "answer", actor, filled(step.node("answer").form, form)), actor)
    return about(case, HEAD, element="answer")


def contribution(world: World) -> Request:
    case, lead = handled(world), person("xs", RATED)
    case.act(lambda step: ask_for_help(step, lead, OTHER), lead)
    return about(case, f"xs.{OTHER}.handler", {"words": "已核对"})


def appealed(world: World) -> Driver:
    case, head = handled(world), person("xs", RATED, "head")
    case.act(lambda step: apply_for_review(step, head, "事项", "理由", "意见"), head)
    return case


def objection(world: World) -> Request:
    case = appealed(world)
    case.do("rule_appeal")
    return about(case, SUPERIOR, {"words": "不同意"})


def handover(world: World) -> Request:
    """Hand two cases over; those that are open by now were handed over before."""
    request = Request(HEAD, {"from_login": HEAD, "to_login": f"xs.{RATED}.handler2"})
    assert request.caller(world).post("/handovers", request.body).status_code == 201
    handled(world), handled(world)
    return request


def leave(world: World) -> Request:
    """Be away for a day on which nobody stands in yet."""
    day = (world.clock.moment + timedelta(days=next(world.numbers))).date().isoformat()
    return Request(HANDLER, {"login": f"xs.{RATED}.handler2", "from_on": day, "until_on": day})


def account(world: World, body: Any = None) -> Request:
    return Request(SECURITY, body, {"login": new_account(world)})


def new_account(world: World) -> str:
    login = f"new-{next(world.numbers)}"
    body = {"login": login, "name": "王五", "password": PASSWORD, "role": "clerk", "programme": "xs", "department": "hotline"}
    assert Request(SECURITY).caller(world).post("/accounts", body).status_code == 201
    return login


def closed_account(world: World) -> Request:
    request = account(world)
    assert request.caller(world).send("PUT", f"/accounts/{request.named['login']}/closure").status_code == 200
    return request


def edited(world: World) -> Request:
    seen = Request(CATALOGUE).caller(world).get(f"/catalogue/xs/departments/{OTHER}")
    named = {"programme": "xs", "code": OTHER}
    return Request(CATALOGUE, {"name": f"改名 {next(world.numbers)}"}, named, {"If-Match": seen.headers["ETag"]})


def succession(world: World) -> Request:
    """Close a department of two open cases, which nobody needs any more."""
    code = f"old-{next(world.numbers)}"
    taken(world, "catalogue", {"programme": "xs", "kind": "department", "code": code, "name": code})
    for _ in range(2):
        open_case(world.clock, 1000 + next(world.numbers)).do("forward", department=code)
    return Request(CATALOGUE, {"successor": OTHER, "on": "2025-05-01"}, {"programme": "xs", "code": code})


def service(world: World) -> dict[str, Any]:
    at = {"deptCode": RATED, "window": "wown", "proManager": "s1", "taskCode": "1" * 30 + "O", "programme": "xs"}
    return record(projectNo=f"K-{next(world.numbers)}") | at


def taken(world: World, kind: str, row: dict[str, Any]) -> dict[str, Any]:
    """Take a row in, and return it."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"{kind}.jsonl"
        path.write_text(json.dumps(row, ensure_ascii=False) + "\n", "utf-8")
        assert not import_file(kind, path).refused
    return row


def records(world: World) -> Request:
    rows = [service(world) | stranger(world), service(world) | stranger(world)]
    return Request(SYSTEM, {"rows": rows}, scopes=("send_records",))


def stranger(world: World) -> dict[str, str]:
    """Return somebody who was never served before."""
    number = next(world.numbers)
    return {"mobile": f"1541{number:07d}", "certKey": f"99000119800102{number:04d}"}


def reviews(world: World) -> Request:
    known = taken(world, "records", service(world))
    row = bad_review(programme="xs", projectNo=known["projectNo"])
    return Request(SYSTEM, {"rows": [row]}, scopes=("send_reviews",))


def complaints(world: World) -> Request:
    row = {"complaintNo": f"K-{next(world.numbers)}", "deptCode": RATED, "words": "没人理", "mobile": "15410000004"}
    return Request(SYSTEM, {"rows": [row]}, scopes=("take_complaint",))


def correction(world: World) -> Request:
    row = taken(world, "records", service(world))
    taken(world, "reviews", bad_review(programme="xs", projectNo=row["projectNo"]))
    with unit_of_work() as session:
        number = session.scalars(select(Case.number).where(Case.record == row["projectNo"])).one()
    return Request(CENTRE, {"staff": "s1", "window": "wown", "reason": "更正"}, {"number": number})


def of_object(kind: str, login: str, body: Any = None) -> Make:
    """Return what makes a request about an object that the world makes anew."""
    return lambda world: Request(login, body, world.object(kind, "own"))


def data_request(world: World, kind: str = "see") -> Request:
    """Ask in the name of somebody who has no open case."""
    known = taken(world, "records", service(world) | stranger(world))
    return Request(CENTRE, {"phone": known["mobile"], "kind": kind})


def deletion(world: World) -> Request:
    asked = data_request(world, "delete")
    return Request(CENTRE, None, {"request": asked.caller(world).post("/data-requests", asked.body).json["id"]})


NEW_ACCOUNT = {"name": "王五", "password": PASSWORD, "role": "clerk", "programme": "xs", "department": "hotline"}
NEW_TOKEN = {
    "name": "办件系统", "programme": "xs", "department": RATED, "scopes": ["read_cases"],
    "expires_at": "2026-04-01T09:00:00+08:00",
}  # fmt: skip
ACTS: dict[str, Make] = {
    "DELETE /session": lambda _: Request(HANDLER),
    "PUT /session/password": lambda world: Request(new_account(world), {"old": PASSWORD, "new": "another long one"}),
    "POST /accounts": lambda world: Request(SECURITY, NEW_ACCOUNT | {"login": f"new-{next(world.numbers)}"}),
    "PUT /accounts/<login>/post": lambda world: account(world, {"role": "clerk", "programme": "xs", "department": "other"}),
    "PUT /accounts/<login>/closure": account,
    "DELETE /accounts/<login>/closure": closed_account,
    "PUT /accounts/<login>/password": lambda world: account(world, {"password": "another long one"}),
    "POST /tokens": lambda _: Request(SECURITY, NEW_TOKEN),
    "DELETE /tokens/<number>": of_object("token", SECURITY),
    "POST /handovers": handover,
    "POST /substitutes": leave,
    "DELETE /substitutes/<number>": of_object("substitution", HANDLER),
    "PATCH /catalogue/<programme>/departments/<code>": edited,
    "POST /catalogue/<programme>/departments/<code>/successor": succession,
    "POST /records": records,
    "POST /reviews": reviews,
    "POST /complaints": complaints,
    "POST /cases/<number>/rated": correction,
    "POST /cases/<number>/tasks/<element>/submission": submission,
    "POST /cases/<number>/tasks/<element>/signature": submitted,
    "POST /cases/<number>/tasks/<element>/return": submitted,
    "POST /cases/<number>/contact-tries": on_case(HANDLER, {"element": "answer", "method": "phone"}, "verify", "rectify_clear"),
    "POST /cases/<number>/reveal": lambda world: about(world.cases["own"], HANDLER, {"purpose": "回电核实"}),
    "POST /cases/<number>/extension": on_case(HANDLER, {"reason": "调档", "explained": "已说明"}, "verify", handling="complex"),
    "POST /cases/<number>/bounce": on_case(HANDLER, {"duty_clause": "三定方案第二条"}),
    "POST /cases/<number>/co-handlers": on_case(HANDLER, {"department": OTHER}),
    "POST /cases/<number>/contribution": contribution,
    "POST /cases/<number>/appeals": on_case(HEAD, {"matter": "评价", "reasons": "不实", "opinion": "同意"}),
    "POST /cases/<number>/evidence": lambda world: about(appealed(world), HEAD, {"words": "叫号记录"}),
    "POST /cases/<number>/objections": objection,
    "POST /cases/<number>/referral": on_case(CENTRE, {"words": "涉嫌刁难"}),
    "POST /referrals/<referral>/answer": of_object("referral", f"xs.{RATED}.auditor", {"words": "查无实据"}),
    "POST /data-requests": data_request,
    "POST /data-requests/<request>/held": of_object("request to see", CENTRE),
    "POST /data-requests/<request>/correction": of_object("request to correct", CENTRE),
    "POST /data-requests/<request>/deletion": deletion,
    "POST /data-requests/<request>/refusal": of_object("request to see", CENTRE, {"reason": "身份未核实"}),
    "POST /audit/seals": lambda _: Request(AUDIT),
}
