"""What a page says when it cannot be shown: a sentence, and nothing of the inside."""

from __future__ import annotations

import structlog
from flask import Flask, Response
from werkzeug.exceptions import HTTPException

log = structlog.get_logger()
SENTENCES = {404: "没有这个页面。", 405: "这个页面不支持这样访问。"}


def register(app: Flask) -> None:
    """Answer every error with its status and one Chinese sentence."""
    app.register_error_handler(HTTPException, _refused)
    app.register_error_handler(Exception, _failed)


def _refused(error: HTTPException) -> Response:
    code = error.code or 500
    return Response(SENTENCES.get(code, "请求无法处理。"), status=code, mimetype="text/plain")


def _failed(error: Exception) -> Response:
    """Log the trace; tell the client nothing but that we know."""
    log.error("page_failed", exc_info=error)
    return Response("服务暂时不可用，请稍后再试；急事请拨打 12345。", status=503, mimetype="text/plain")
