"""Tables of the catalogue. Every code is unique within its programme and kind."""

from __future__ import annotations

from sqlalchemy.orm import Mapped, mapped_column

from app.db import Model


class Department(Model):
    """A body that is rated, handles, judges or supervises. `responsible` is an account's login."""

    __tablename__ = "departments"

    programme: Mapped[str] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    area: Mapped[str]
    responsible: Mapped[str | None]


class CatalogueEntry(Model):
    """A window, a member of staff, an item or a channel. A channel is a row, not code.

    `kind` is window, staff, item or channel; `department` is empty for channels; `detail`
    is the kind of item (GB/T 39046 A.1) or the group of channel.
    """

    __tablename__ = "catalogue_entries"

    programme: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    department: Mapped[str | None]
    detail: Mapped[str | None]
