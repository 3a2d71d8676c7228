"""闭环 (Bihuan): every bad review driven to a proven answer."""

from __future__ import annotations

from typing import Any

import psycopg
from flask import Flask, Response
from flask_migrate import Migrate
from werkzeug.middleware.proxy_fix import ProxyFix
from whitenoise import WhiteNoise

from app import cli, http_errors, logs, wiring
from app.api import openapi
from app.clock import Clock, DatabaseClock
from app.config import ROOT, Config
from app.db import db
from app.demo.accounts import PASSWORD, SAMPLES, offered
from app.identity.sealed import use_keys
from app.installation import conninfo
from app.pages import (
    accounts,
    audit,
    board,
    calendar,
    cards,
    cases,
    casework,
    catalogue,
    data_requests,
    docs,
    door,
    draws,
    entries,
    forwarding,
    health,
    hotline,
    inbox,
    kiosk,
    leaders,
    looks,
    matters,
    messages,
    my_ratings,
    overview,
    programmes,
    quality,
    receipt,
    referrals,
    review,
    revisits,
    rulings,
    settings,
    team,
    tokens,
    windows,
)

# The pages, one blueprint an audience.
PAGES = (
    *(overview, docs, door, settings),
    *(review, receipt, matters, kiosk),
    *(leaders, inbox, cases, casework, team, messages, my_ratings),
    *(revisits, draws, quality, cards, hotline),
    *(forwarding, rulings),
    *(board, referrals, data_requests),
    *(windows, calendar, accounts, tokens, programmes, catalogue, entries, health, audit),
)
# How long a request waits for a connection while all are in use.
POOL_SECONDS = 2


def create_app(config: Config, clock: Clock | None = None) -> Flask:
    """Build the service and return it; nothing is connected yet.

    The database is looked for when the first connection is made, so that commands
    which need none (`programmes check`) work without a server.
    """
    logs.configure()
    app = Flask(__name__, instance_path=str(config.instance))
    app.config["SQLALCHEMY_DATABASE_URI"] = "postgresql+psycopg://"
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = {"creator": lambda: connect(config), "pool_timeout": POOL_SECONDS}
    app.config["SQLALCHEMY_ECHO"] = config.echo
    app.json.ensure_ascii = False  # type: ignore[attr-defined]  # of Flask's own provider; people read what we say
    app.extensions["bihuan"] = {"config": config, "clock": clock or DatabaseClock()}
    if config.is_demo:
        app.extensions["bihuan"]["demo_accounts"] = (SAMPLES, PASSWORD, offered)
    db.init_app(app)
    with app.app_context():
        use_keys(db.engine, config.key_file)
    Migrate(app, db, directory=str(ROOT / "migrations"), compare_type=True, compare_server_default=True)
    wiring.connect()
    cli.register(app)
    looks.register(app)
    for pages in PAGES:
        app.register_blueprint(pages.blueprint)
    openapi.register(app)
    http_errors.register(app)
    app.after_request(secure)
    counted = ProxyFix(app.wsgi_app, x_for=config.proxies, x_proto=0)
    app.wsgi_app = WhiteNoise(  # type: ignore[method-assign]  # as Flask documents middleware
        counted, app.static_folder, "static/", immutable_file_test=lambda _path, url: url.startswith("/static/dist/")
    )
    return app


def secure(response: Response) -> Response:
    """Let a page load nothing from elsewhere and be framed by nobody, and no answer be kept on the way."""
    response.headers.setdefault(
        "Content-Security-Policy",
        "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self' data:; base-uri 'none'; "
        "form-action 'self'; frame-ancestors 'none'",
    )
    response.headers.setdefault("Cache-Control", "no-store")
    response.headers["X-Content-Type-Options"] = "nosniff"
    # Nothing to others; to ourselves, since a browser that may tell nothing calls its own page's origin “null”.
    response.headers["Referrer-Policy"] = "same-origin"
    return response


def connect(config: Config) -> psycopg.Connection[Any]:
    """Open one connection that acts as the app's role."""
    return psycopg.connect(conninfo(config))
