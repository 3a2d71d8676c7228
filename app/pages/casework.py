"""What people write and keep beside the steps of a case, as forms of its page send it; and the sheet to print."""

from __future__ import annotations

import hashlib
import json
from datetime import date, datetime
from functools import partial
from io import BytesIO

from flask import Blueprint, Response, g, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from app.acts import in_one_act, on_case, reading
from app.cases.dossier import bundle_in
from app.cases.errors import CaseNotFound, FormInvalid
from app.cases.step import Step
from app.cases.visibility import find_visible
from app.casework.attachments import attach, list_attachments, read_attachment
from app.casework.drafts import keep_draft
from app.casework.errors import FileRefused
from app.casework.files import KINDS
from app.casework.objections import answer_objection, list_objections, object_to_day
from app.casework.remarks import remark
from app.clock import SHANGHAI
from app.errors import AppError
from app.http_errors import status_of
from app.identity.actor import Actor
from app.identity.rights import Right
from app.pages.case_view import facts_of, show_case
from app.pages.cases import act_on
from app.pages.files import shelf, uploaded
from app.pages.guard import refuse_other_sites, shows
from app.paging import KEY
from app.programmes.picture import render

blueprint = Blueprint("page_casework", __name__, template_folder="templates", url_prefix="/cases/<number>")
blueprint.before_request(refuse_other_sites)
LARGEST_DRAFT = 50_000


@blueprint.post("/tasks/<element>/draft")
@shows(Right.SUBMIT_TASK)
def draft(number: str, element: str) -> ResponseReturnValue:
    """Keep what was typed so far; asked for while somebody types, and by a button where there are no scripts."""
    typed = {name: value for name, value in request.form.items() if name != "nonce" and value}
    if sum(map(len, typed.values())) > LARGEST_DRAFT:
        raise FormInvalid("写得太长，草稿没有保存。请缩短到五万字以内。")
    actor: Actor = g.actor
    at: list[datetime] = []

    def keep(now: datetime) -> None:
        keep_draft(find_visible(number, actor), element, actor, typed, now)
        at.append(now)

    try:
        in_one_act(keep, {}, may_repeat=True)
    except CaseNotFound:
        raise
    except AppError as error:
        return str(Markup('<span class="late">{}</span>').format(error.message))
    if "HX-Request" in request.headers:
        return f"草稿已存 {at[0].astimezone(SHANGHAI):%H:%M}"
    return redirect(url_for("page_cases.show", number=number), 303)


@blueprint.post("/remarks")
@shows(Right.SUBMIT_TASK)
def say(number: str) -> ResponseReturnValue:
    """Tell one's colleagues something about the case."""
    return act_on(number, "remarks", lambda step, actor: remark(step, actor, request.form.get("words", "").strip()))


@blueprint.post("/files")
@shows(Right.SUBMIT_TASK)
def add_files(number: str) -> ResponseReturnValue:
    """Keep files with the case: each by itself, the same one sent twice once."""
    files = uploaded()
    problems = [said for name, content in files if (said := _add(number, name, content))]
    if not files:
        problems = ["请先选文件。"]
    if problems:
        error = FileRefused("".join(problems))
        return show_case(number, error, "files"), status_of(error)
    return redirect(url_for("page_cases.show", number=number, done="files"), 303)


def _add(number: str, name: str, content: bytes) -> str:
    """Keep one file; return why it was refused, or nothing."""
    try:
        on_case(number, lambda step, actor: attach(step, actor, name, content, shelf()), may_repeat=True)
    except CaseNotFound:
        raise
    except AppError as error:
        return f"{name[:60]}：{error.message}"
    return ""


@blueprint.get(f"/files/<{KEY}:file>")
@shows(Right.READ_CASES)
def download(number: str, file: int) -> Response:
    """Give a file to be kept, never to be shown by us: a browser does nothing with it on its own."""
    with reading(number) as case_id:
        found, content = read_attachment(case_id, file, shelf())
    answer = send_file(BytesIO(content), KINDS[found.kind][0], as_attachment=True, download_name=found.name, etag=False)
    answer.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return answer


@blueprint.post(f"/deadlines/<{KEY}:limit>/objections")
@shows(Right.SUBMIT_TASK)
def object_(number: str, limit: int) -> ResponseReturnValue:
    """Object to a counted day."""
    return act_on(number, f"day-{limit}", lambda step, actor: _object(step, actor, limit))


def _object(step: Step, actor: Actor, limit: int) -> None:
    try:
        day = date.fromisoformat(request.form.get("day", ""))
    except ValueError as error:
        raise FormInvalid("请选对哪一天有异议。", fields={"日期": "缺少"}) from error
    object_to_day(step, actor, limit, day, request.form.get("reason", "").strip())


@blueprint.post(f"/objections/<{KEY}:objection>/answer")
@shows(Right.SUBMIT_TASK)
def answer(number: str, objection: int) -> ResponseReturnValue:
    """Answer an objection to a counted day, as the overseer."""
    upheld, words = request.form.get("upheld") == "1", request.form.get("answer", "").strip()
    answering = partial(answer_objection, objection=objection, is_upheld=upheld, answer=words)
    return act_on(number, f"objection-{objection}", lambda step, actor: answering(step, actor))


@blueprint.get("/picture.svg")
@shows(Right.READ_CASES)
def picture(number: str) -> Response:
    """Draw the diagram that the case is pinned to."""
    with reading(number) as case_id:
        return Response(render(bundle_in(case_id).diagram), mimetype="image/svg+xml")


@blueprint.get("/sheet")
@shows(Right.READ_CASES)
def sheet(number: str) -> str:
    """Show the case as a sheet to print; its digest says that two prints tell the same."""
    actor: Actor = g.actor
    with reading(number) as case_id:
        facts = facts_of(case_id, number, actor)
        kept = {"attachments": list_attachments(case_id), "objections": list_objections(case_id)}
    told = {name: facts[name] for name in ("case", "limits", "acts", "review", "service")}
    digest = hashlib.sha256(json.dumps(told, default=str, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
    return render_template("sheet.html", **facts, **kept, digest=digest, methods={})
