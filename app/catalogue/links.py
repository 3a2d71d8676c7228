"""Links of the public: a static one a window or terminal, a personal one a service, private ones whoever reviewed it or has many.

Signed, so that none can be guessed, and none be made of another one: a link names its kind and
what it is for, and carries 128 bits of HMAC under a key outside the database;
it holds nothing personal and needs no row (SX 十, ZB 1, GC 一(二), X4).
"""

from __future__ import annotations

import base64
import binascii
import hmac
import json
from dataclasses import dataclass

from app.errors import NotFound

WINDOW, SERVICE, RECEIPT, MATTERS, EVALUATOR = "w", "s", "r", "m", "e"
BYTES = 16


class LinkInvalid(NotFound):
    """Not a link that we gave out; wrong and forged ones look alike."""

    code = "link_invalid"


@dataclass(frozen=True)
class Link:
    """What a link leads to.

    `parts` are kind and code of a window, code of an evaluator's; record and visit of a service; day, record and visit
    of a receipt; of matters the key of whose they are, and the day up to which.
    """

    kind: str
    programme: str
    parts: tuple[str, ...]


def sign_link(link: Link, key: bytes) -> str:
    """Return the link's text: its content and its signature, safe in a URL."""
    content = json.dumps([link.kind, link.programme, *link.parts], ensure_ascii=False, separators=(",", ":")).encode()
    return f"{_text(content)}.{_text(_signature(content, key))}"


def read_link(text: str, key: bytes, *kinds: str) -> Link:
    """Return what a link is for; it must be of one of these kinds, where some are named.

    Raises:
        LinkInvalid: it is not one of ours, or leads elsewhere.
    """
    try:
        written, signature = text.split(".")
        content = base64.urlsafe_b64decode(written + "=" * (-len(written) % 4))
        # The text is compared, not what it decodes to: the last sign has bits that mean nothing.
        if not hmac.compare_digest(signature.encode(), _text(_signature(content, key)).encode()):
            raise ValueError(text)
        kind, programme, *parts = json.loads(content)
        if kinds and kind not in kinds:
            raise ValueError(text)
    except (ValueError, binascii.Error, UnicodeError, TypeError) as error:
        raise LinkInvalid("这个链接无效，请重新扫码，或从短信、收藏里打开。") from error
    return Link(kind, programme, tuple(parts))


def _signature(content: bytes, key: bytes) -> bytes:
    return hmac.new(key, b"review-link\0" + content, "sha256").digest()[:BYTES]


def _text(part: bytes) -> str:
    return base64.urlsafe_b64encode(part).decode().rstrip("=")
