"""Who sends a request and under which key; the clock and the keys of the running application. Shared by API and pages."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from flask import current_app, g, request

from app.clock import Clock
from app.config import Config
from app.errors import Invalid
from app.idempotency import Once, digest_of
from app.identity.actor import Actor
from app.identity.vault import Vault, load_vault

LONGEST_KEY = 100
NONCE = "nonce"
PUBLIC = "public"


def current_actor() -> Actor:
    """Return who sends the request."""
    actor: Actor = g.actor
    return actor


def clock() -> Clock:
    """Return the clock of the running application."""
    found: Clock = current_app.extensions["bihuan"]["clock"]
    return found


def vault() -> Vault:
    """Return the keys of reviewers' data."""
    config: Config = current_app.extensions["bihuan"]["config"]
    return load_vault(config.key_file)


def this_request() -> Once | None:
    """Return what makes this request an act that happens once; None when it carries no key.

    A program sends the key as a header, the form of a page as a hidden field.

    Raises:
        Invalid: the key is too long, or not plain text.
    """
    key = request.headers.get("Idempotency-Key", request.form.get(NONCE))
    if key is None:
        return None
    if not 0 < len(key) <= LONGEST_KEY or not key.isascii() or not key.isprintable():
        raise Invalid(f"Idempotency-Key 应为 1 到 {LONGEST_KEY} 个可见的英文字符。")
    return Once(*_sender_and_route(), key, digest_of(_body(), vault().index_key))


def _sender_and_route() -> tuple[str, str]:
    """Return whose key it is and for what; the public is known by its private link, which is stored nowhere."""
    if "actor" in g:
        return current_actor().id, f"{request.method} {request.path}"
    return PUBLIC, f"{request.method} {sha256(request.path.encode()).hexdigest()}"


def _body() -> Any:
    return request.get_json(silent=True) if request.is_json else request.form.to_dict() or None
