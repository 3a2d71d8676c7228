"""A reviewer with a bad review, its words and its case."""

from __future__ import annotations

from cases.conftest import city, make_case

__all__ = ["city", "make_case"]
