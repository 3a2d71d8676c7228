"""审计: the record of every act, each entry with its place in its chain; seals, verification, the export for outsiders."""

from __future__ import annotations

import json
from datetime import date
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

from flask import Blueprint, Response, current_app, g, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue

from app.acts import in_one_act
from app.audit.chain import Finding
from app.audit.queries import Sought, list_seals, search_entries
from app.audit.seal import entries, list_bounds, seal, verify_database, verify_stream
from app.audit.streams import shown_in_export
from app.db import unit_of_work
from app.deadlines.moments import start_of, too_late
from app.identity.accounts import find_id, names_of
from app.identity.looks import visible_entries
from app.identity.rights import Right
from app.limits import COSTLY, limiter
from app.pages.guard import refuse_other_sites, shows
from app.pages.words import ACTS, DETAILS
from app.paging import after_number, page

blueprint = Blueprint("page_audit", __name__, url_prefix="/audit", template_folder="templates")
blueprint.before_request(refuse_other_sites)
ROWS = 50


@blueprint.get("")
@shows(Right.READ_AUDIT)
def index() -> str:
    """List the entries that somebody looks for, newest first."""
    with unit_of_work():
        rows = search_entries(visible_entries(g.actor), _sought(), after_number(request.args.get("after")), ROWS + 1)
        shown = page(rows, ROWS, lambda row: [row["id"]])
        names = names_of({row["actor"] for row in shown["items"]})
    return render_template(
        "audit.html", rows=shown["items"], following=shown["next"], names=names, acts=ACTS, details=DETAILS, written=_written
    )


def _sought() -> Sought:
    """Return what the address asks for; an actor is named by login, or as the record names it."""
    args = {name: request.args.get(name, "").strip() or None for name in ("stream", "actor", "act")}
    actor = args["actor"]
    first, last = _day("from"), _day("until")
    return Sought(
        stream=args["stream"],
        actor=actor and (find_id(actor) or actor),
        act=args["act"],
        begins_at=start_of(first) if first else None,
        ends_at=too_late(last, None) if last else None,
    )


def _day(name: str) -> date | None:
    try:
        return date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return None


def _written(value: object) -> str:
    """Return what an entry holds as people read it; a list or a table as it is written in the record."""
    if isinstance(value, bool):
        return "是" if value else "否"
    return value if isinstance(value, str) else "—" if value is None else json.dumps(value, ensure_ascii=False, sort_keys=True)


@blueprint.get("/seals")
@shows(Right.READ_AUDIT)
def seals() -> str:
    """List the newest seals."""
    return _seals()


def _seals(findings: list[Finding] | None = None, stream: str = "") -> str:
    with unit_of_work():
        return render_template("seals.html", seals=list_seals(), findings=findings, stream=stream)


@blueprint.post("/seals")
@shows(Right.SEAL_AUDIT)
def make_seal() -> ResponseReturnValue:
    """Seal all streams now, in the database and in the file outside of it."""
    made = in_one_act(lambda now: seal(_seal_file(), now))
    return redirect(url_for("page_audit.seals", sealed=made["id"]), 303)


@blueprint.get("/verification")
@shows(Right.READ_AUDIT)
@limiter.limit(COSTLY)
def verify() -> str:
    """Check every entry and every seal, or the entries of one stream; nothing is changed."""
    stream = request.args.get("stream", "").strip()
    with unit_of_work():
        findings = verify_stream(stream) if stream else verify_database(_seal_file())
    return _seals(findings, stream)


@blueprint.get("/export.jsonl")
@shows(Right.READ_AUDIT)
@limiter.limit(COSTLY)
def export() -> Response:
    """Hand out all entries, one a line; of streams that few may read, numbers and digests only.

    Written to a file first, so that whoever reads slowly, or goes away, holds no transaction open.
    """
    file = TemporaryFile()
    with unit_of_work():
        for entry in shown_in_export(entries(), list_bounds()):
            file.write(json.dumps(entry, ensure_ascii=False).encode() + b"\n")
    file.seek(0)
    return _handed_out(file, "export.jsonl")


@blueprint.get("/seals.jsonl")
@shows(Right.READ_AUDIT)
def seal_file() -> Response:
    """Hand out the seals as the file outside of the database holds them."""
    path = _seal_file()
    return _handed_out(BytesIO(path.read_bytes() if path.exists() else b""), "seals.jsonl")


def _handed_out(file: IO[bytes], name: str) -> Response:
    return send_file(file, "application/jsonl", as_attachment=True, download_name=name)


def _seal_file() -> Path:
    found: Path = current_app.extensions["bihuan"]["config"].seal_file
    return found
