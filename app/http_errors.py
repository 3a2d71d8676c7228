"""What a client hears when something is refused or fails: one table of statuses, one shape, nothing of the inside.

Under /api/ a JSON object of `code`, `message` and `details`; elsewhere the sentence alone, on a page for a browser.
"""

from __future__ import annotations

import re
from typing import Any

import structlog
from flask import Flask, Response, jsonify, render_template, request
from marshmallow import Schema, fields
from werkzeug.exceptions import HTTPException

from app.db import is_away
from app.errors import AppError, Conflict, Invalid, NotFound, NotPermitted, Unavailable
from app.identity.errors import NotSignedIn, SignInDelayed

log = structlog.get_logger()

# The first kind that fits holds.
STATUS: tuple[tuple[type[AppError], int], ...] = (
    (NotSignedIn, 401),
    (SignInDelayed, 429),
    (NotFound, 404),
    (NotPermitted, 403),
    (Conflict, 409),
    (Invalid, 422),
    (Unavailable, 503),
)
RETRY_SECONDS = 2
PREFIX = "/api/"
BUSY = Unavailable("服务繁忙或数据库暂时不可用，请稍后重试。")
UNEXPECTED = AppError("服务出现故障，已记录。请稍后再试；急事请拨打 12345。", code="internal")
HTTP = {
    400: ("malformed", "请求的内容无法读取：应为 UTF-8 的 JSON。"),
    401: ("not_signed_in", "请先登录。"),
    403: ("not_permitted", "无权这样做。"),
    404: ("not_found", "没有这个地址。"),
    405: ("method_not_allowed", "这个地址不支持这样访问。"),
    413: ("too_large", "内容太大。"),
    415: ("media_type", "请用 application/json 发送。"),
    422: ("invalid", "内容不合要求"),
    429: ("too_many_requests", "请求过于频繁，请稍后再试。"),
}
# What marshmallow says, as people read it.
SAID = (
    (r"Missing data for required field|may not be null", "必填"),
    (r"Unknown field", "没有这一项"),
    (r"Not a valid (string|mapping|list)|Invalid (input )?type", "类型不对"),
    (r"Not a valid (integer|number|boolean)", "应为数值或真假值"),
    (r"Not a valid (datetime|date|time)", "应为 2025-04-01T09:30:00+08:00 这样的时间"),
    (r"Length must be|[Ss]horter|[Ll]onger", "长度不合要求"),
    (r"Must be (greater|less)|greater than or equal", "超出范围"),
    (r"Must be one of", "不在可选范围内"),
)


class ErrorSchema(Schema):
    """What every refusal looks like."""

    code = fields.String(required=True, metadata={"description": "稳定的代码，供程序判断"})
    message = fields.String(required=True, metadata={"description": "给人看的一句话，说明怎样改正"})
    details = fields.Dict(metadata={"description": "按项列出的问题，没有个人信息"})


def register(app: Flask) -> None:
    """Answer every error of the service: JSON under /api/, a plain sentence elsewhere."""
    app.register_error_handler(AppError, _refused)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _failed)


def status_of(error: AppError) -> int:
    """Return the HTTP status of a refusal."""
    return next((status for kind, status in STATUS if isinstance(error, kind)), 500)


def _refused(error: AppError) -> Response:
    answer = _answer(error, status := status_of(error))
    if (seconds := error.details.get("retry_after", RETRY_SECONDS if status == 503 else None)) is not None:
        answer.headers["Retry-After"] = str(seconds)
    return answer


def _http(error: HTTPException) -> Response:
    status = error.code or 500
    code, message = HTTP.get(status, ("http_error", "请求无法处理。"))
    problems = _problems(getattr(error, "data", None) or {})
    listed = "：" + "；".join(f"{name}：{said}" for name, said in problems.items()) + "。" if problems else ""
    answer = _answer(AppError(message + listed, code=code, **problems), status)
    if status == 405:
        answer.headers["Allow"] = ", ".join(sorted(getattr(error, "valid_methods", None) or ()))
    return answer


def _problems(data: dict[str, Any]) -> dict[str, str]:
    """Return what is wrong by field path, from what the reader of arguments collected."""
    return dict(_flat(data.get("messages", {}), ""))


def _flat(said: Any, path: str) -> list[tuple[str, str]]:
    if isinstance(said, dict):
        return [found for name, inner in said.items() for found in _flat(inner, f"{path}.{name}" if path else str(name))]
    texts = said if isinstance(said, list) else [said]
    return [(path.removeprefix("json.").removeprefix("query.") or "body", "、".join(dict.fromkeys(map(_in_chinese, texts))))]


def _in_chinese(text: Any) -> str:
    found = next((chinese for pattern, chinese in SAID if re.search(pattern, str(text))), None)
    return found or (str(text) if not str(text).isascii() else "写法不对")


def _failed(error: Exception) -> Response:
    """Ask for another try when the database is away; else log the trace and tell the client nothing but that we know."""
    if is_away(error):
        log.warning("database_busy", error=type(error).__name__)
        return _refused(BUSY)
    log.error("request_failed", exc_info=error)
    return _answer(UNEXPECTED, 500)


def _answer(error: AppError, status: int) -> Response:
    if not _is_api():
        is_page = request.accept_mimetypes.best_match(["text/plain", "text/html"]) == "text/html"
        body = render_template("error.html", message=error.message) if is_page else error.message
        return Response(body, status=status, mimetype="text/html" if is_page else "text/plain")
    answer = jsonify(error.as_dict())
    answer.status_code = status
    if status == 401:
        answer.headers["WWW-Authenticate"] = "Bearer"
    return answer


def _is_api() -> bool:
    return request.path.startswith(PREFIX)
