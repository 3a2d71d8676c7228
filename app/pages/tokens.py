"""令牌: what department systems may do here; a token is shown once, when it is issued."""

from __future__ import annotations

from datetime import date, datetime

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.acts import in_one_act
from app.catalogue.queries import departments_by_programme
from app.db import unit_of_work
from app.deadlines.moments import too_late
from app.errors import AppError
from app.http_errors import status_of
from app.identity.accounts import names_of
from app.identity.errors import ScopeUnknown
from app.identity.rights import LABELS, SYSTEM_RIGHTS, Right
from app.identity.tokens import issue_token, list_tokens, revoke_token
from app.pages.guard import refuse_other_sites, shows
from app.paging import KEY
from app.request import clock

blueprint = Blueprint("page_tokens", __name__, url_prefix="/tokens", template_folder="templates")
blueprint.before_request(refuse_other_sites)
SCOPES = {right.value: LABELS[right] for right in Right if right in SYSTEM_RIGHTS}


@blueprint.get("")
@shows(Right.ISSUE_TOKENS)
def index() -> str:
    """List the tokens, never themselves."""
    return _show()


@blueprint.post("")
@shows(Right.ISSUE_TOKENS)
def issue() -> ResponseReturnValue:
    """Issue a token and show it, this once; sent twice, two are issued, since none is kept to be shown again."""
    form = request.form
    programme, _, department = form.get("department", "").partition("/")

    def work(now: datetime) -> dict[str, str]:
        ends = too_late(_last_day(), None)
        return {
            "token": issue_token(g.actor, form.get("name", "").strip(), programme, department, form.getlist("scope"), ends, now)
        }

    try:
        return _show(token=in_one_act(work, may_repeat=True)["token"])
    except AppError as error:
        return _show(error), status_of(error)


def _last_day() -> date:
    try:
        return date.fromisoformat(request.form.get("until_on", ""))
    except ValueError as error:
        raise ScopeUnknown("请选令牌有效的最后一天。") from error


@blueprint.post(f"/<{KEY}:number>/revocation")
@shows(Right.ISSUE_TOKENS)
def revoke(number: int) -> ResponseReturnValue:
    """End a token at once."""
    try:
        in_one_act(lambda now: revoke_token(g.actor, number, now), {})
    except AppError as error:
        return _show(error), status_of(error)
    return redirect(url_for("page_tokens.index", revoked=number), 303)


def _show(wrong: AppError | None = None, token: str | None = None) -> str:
    with unit_of_work() as session:
        tokens = list_tokens(g.actor)
        return render_template(
            "tokens.html", tokens=tokens, issuers=names_of({each.issued_by for each in tokens}), scopes=SCOPES, token=token,
            departments=departments_by_programme(), wrong=wrong, typed=request.form, now=clock().now(session.connection()),
        )  # fmt: skip
