"""Tables of the catalogue. Every code is unique within its programme and kind."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Mapped, mapped_column

from app.db import Model


class Area(Model):
    """A place of one of four levels: city, county, town or village (R2). `parent` is the place it lies in."""

    __tablename__ = "areas"

    programme: Mapped[str] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    level: Mapped[str]
    parent: Mapped[str | None]


class Department(Model):
    """A body that is rated, handles, judges or supervises. `responsible` is an account's login.

    It works on the days in [valid_from, valid_until); one that was merged or split names
    its `successor`, who takes its open cases over.
    """

    __tablename__ = "departments"

    programme: Mapped[str] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    area: Mapped[str]
    responsible: Mapped[str | None]
    valid_from: Mapped[date | None]
    valid_until: Mapped[date | None]
    successor: Mapped[str | None]


class CatalogueEntry(Model):
    """A window, terminal, member of staff, item or channel. A channel is a row, not code.

    `department` is empty for channels; `detail` is the class of an item (GB/T 39046 A.1) or
    the group of a channel, `level` the level at which an item is done. It is in use on the
    days in [valid_from, valid_until).
    """

    __tablename__ = "catalogue_entries"

    programme: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    department: Mapped[str | None]
    detail: Mapped[str | None]
    level: Mapped[str | None]
    valid_from: Mapped[date | None]
    valid_until: Mapped[date | None]
