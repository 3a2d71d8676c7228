"""健康: whether jobs run, deadlines fire and seals are made; cases that stand still, and the press that lets one go on."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from app.acts import in_pieces
from app.cases.queries import list_incidents
from app.db import unit_of_work
from app.edge import resume
from app.errors import AppError
from app.health import SILENT_SECONDS, examine, free_share, list_beats, queue_counts
from app.http_errors import status_of
from app.identity.rights import Right
from app.pages.guard import refuse_other_sites, shows
from app.request import clock

blueprint = Blueprint("page_health", __name__, url_prefix="/health", template_folder="templates")
blueprint.before_request(refuse_other_sites)
JOBS = {
    "fire_due": "到期触发", "send_outbox": "发送消息", "index_words": "工单搜索", "draw": "回访抽取", "sweep": "清理登录和请求",
    "tidy": "清理任务", "defaults": "默认评价", "seal": "封存审计记录", "files": "清理附件", "forget": "个人信息到期删除",
}  # fmt: skip


@blueprint.get("")
@shows(Right.RESUME_CASES)
def index() -> str:
    """Tell how the service is now."""
    return _show()


def _show(wrong: AppError | None = None) -> str:
    found = examine(clock())
    with unit_of_work() as session:
        return render_template(
            "health.html", found=found, words=_words(found), silent=SILENT_SECONDS, beats=list_beats(), queue=queue_counts(),
            incidents=list_incidents(), jobs=JOBS, now=clock().now(session.connection()), wrong=wrong,
            free=free_share(current_app.extensions["bihuan"]["config"].instance),
        )  # fmt: skip


def _words(found: dict[str, Any]) -> str:
    """Say in one sentence what is wrong; the checks are those of `flask doctor`."""
    if found["healthy"]:
        return "一切正常"
    last, oldest, stopped = (found[name] for name in ("last_tick_seconds", "oldest_unfired_seconds", "open_incidents"))
    problems = [
        ("时钟没有在走" if last is None or last > SILENT_SECONDS else ""),
        (f"{found['overdue_unfired']} 件到期没有触发" if (oldest or 0) > SILENT_SECONDS else ""),
        (f"{stopped} 件差评因流程故障暂停" if stopped else ""),
    ]
    return "，".join(problem for problem in problems if problem)


@blueprint.post("/incidents/<number>/resumption")
@shows(Right.RESUME_CASES)
def let_go_on(number: str) -> ResponseReturnValue:
    """Let a stopped case go on; one whose cause is not mended stands still as before."""

    def work() -> dict[str, Any]:
        resume(number, g.actor.id, clock())
        return {}

    try:
        in_pieces(work)
    except AppError as error:
        return _show(error), status_of(error)
    return redirect(url_for("page_health.index", resumed=number), 303)
