"""A service as other tables speak of it: what tells it from others, and what its matter and its window are called."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, and_, select

from app.catalogue.models import CatalogueEntry
from app.intake.models import ServiceRecord

# The columns that tell a service; its reviews, its case and the call at its window repeat them.
SERVICE_KEY = ("served_on", "programme", "record", "visit")


def same_service(one: Any, other: Any) -> ColumnElement[bool]:
    """Return the condition that two rows, or a row and an object, are about the same service."""
    return and_(*(getattr(one, name) == getattr(other, name) for name in SERVICE_KEY))


def _name(kind: str, code: Any) -> ScalarSelect[str | None]:
    named = (CatalogueEntry.programme == ServiceRecord.programme, CatalogueEntry.kind == kind, CatalogueEntry.code == code)
    return select(CatalogueEntry.name).where(*named).correlate(ServiceRecord).scalar_subquery()


# What a query for services shows besides: NULL where the catalogue does not know it.
ITEM_NAME = _name("item", ServiceRecord.item).label("item")
WINDOW_NAME = _name("window", ServiceRecord.window).label("window")
