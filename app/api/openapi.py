"""The API put together: every blueprint under /api/v1, and its OpenAPI 3.1 description."""

from __future__ import annotations

from typing import Any

from flask import Flask
from flask_smorest import Api
from werkzeug.exceptions import HTTPException

from app.api import (
    accounts,
    appeals,
    audit,
    cases,
    catalogue,
    deadlines,
    inbox,
    intake,
    privacy,
    programmes,
    revisits,
    sessions,
    supervision,
)
from app.api.summaries import describe
from app.api.text import refuse_broken_text
from app.http_errors import ErrorSchema
from app.limits import limiter

ROOT = "/api/v1"
LARGEST_BODY = 4 * 1024 * 1024
BLUEPRINTS = (
    sessions.blueprint,
    accounts.blueprint,
    catalogue.blueprint,
    intake.blueprint,
    cases.blueprint,
    inbox.blueprint,
    deadlines.blueprint,
    appeals.blueprint,
    revisits.blueprint,
    supervision.blueprint,
    privacy.blueprint,
    audit.blueprint,
    programmes.blueprint,
)
DESCRIPTION = """\
所有请求用 `Authorization: Bearer` 带上登录所得的令牌，或业务系统的 `bht_` 令牌。
写操作可带 `Idempotency-Key`：同一键重发只生效一次，得到同一答复；7 天内有效。答复里有口令、令牌或个人信息的
（登录、建账号、改口令、签发令牌、查看联系方式、出示所存信息）不存答复，不认这个键：每发一次就是一次。
错误只有一种形状：`code`（供程序判断）、`message`（怎样改正）、`details`。
列表用 `cursor` 翻页：把上一页的 `next` 原样带回。不属于您的，和不存在的一样，答 404。"""


class BihuanApi(Api):  # type: ignore[misc]  # untyped base
    """Flask-smorest with our one shape of errors; who answers them is `http_errors`."""

    ERROR_SCHEMA = ErrorSchema

    def _register_error_handlers(self) -> None:
        """Leave the handling of errors to the application, which has one for all."""

    def handle_http_exception(self, error: HTTPException) -> Any:
        """Never called: errors are the application's."""
        raise error


def register(app: Flask) -> None:
    """Add the API, its description and its page to the application."""
    app.config.update(
        API_TITLE="闭环 Bihuan",
        API_VERSION="v1",
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX=ROOT,
        OPENAPI_JSON_PATH="openapi.json",
        MAX_CONTENT_LENGTH=LARGEST_BODY,
    )
    limiter.init_app(app)
    api = BihuanApi(app, spec_kwargs={"info": {"description": DESCRIPTION}})
    api.spec.components.security_scheme("token", {"type": "http", "scheme": "bearer"})
    for blueprint in BLUEPRINTS:
        api.register_blueprint(blueprint, url_prefix=ROOT + (blueprint.url_prefix or ""))
    describe(app, api.spec._paths)
    app.before_request(refuse_broken_text)
