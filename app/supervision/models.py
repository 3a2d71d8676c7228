"""Referrals, each with an audit stream of its own so that a case's record does not give it away."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Identity
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Model
from app.identity.sealed import SealedText


class Referral(Model):
    """A matter handed to the discipline body: `kind` is breach or reprisal."""

    __tablename__ = "referrals"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), index=True)
    programme: Mapped[str]
    kind: Mapped[str]
    grounds: Mapped[str] = mapped_column(SealedText("referrals.grounds"))
    referred_at: Mapped[datetime]
    referred_by: Mapped[str]
    result: Mapped[str | None] = mapped_column(SealedText("referrals.result"))
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[str | None]
