"""What comes by a second channel after a service was reviewed: answered with the one that counts, and kept (C3)."""

from __future__ import annotations

from typing import Any

from sqlalchemy.dialects.postgresql import insert

from app.clock import SHANGHAI
from app.db import db, table_of
from app.idempotency import digest_of
from app.identity.vault import Vault
from app.intake.files import RowRefused
from app.intake.models import UncountedReview

UNCOUNTED = table_of(UncountedReview)
KEPT = ("programme", "record", "visit", "sequence", "level", "reasons", "channel", "reviewed_at")


class ReviewedAlready(RowRefused):
    """The service has its review; this one is kept and not counted."""

    code = "reviewed_already"


def reviewed_already(stored: dict[str, Any]) -> ReviewedAlready:
    """Return the refusal that names the review that counts: its channel and its moment."""
    moment = stored["reviewed_at"].astimezone(SHANGHAI)
    return ReviewedAlready(
        f"本次服务已有评价（{moment:%Y-%m-%d %H:%M}，渠道 {stored['channel']}），这一条留存不计", channel=stored["channel"]
    )


def keep_uncounted(values: dict[str, Any], words: str | None, vault: Vault) -> None:
    """Store a review that does not count; the same one a second time is not stored again.

    Its words stay sealed for the review's own place: the two share it, and never both count.
    """
    kept = {name: values[name] for name in KEPT}
    digest = digest_of([kept, words], vault.index_key)
    row = kept | {"words": values["words"], "received_at": values["received_at"], "digest": digest}
    db.session.execute(insert(UNCOUNTED).on_conflict_do_nothing(index_elements=["digest"]), row)
