"""A host for machines that are run without a case."""

from __future__ import annotations


class Nobody:
    """A host that has nothing to do."""

    functions: dict[str, object] = {}  # noqa: RUF012  a fake

    def arm(self, timer: str, limit: object) -> None:
        return None

    def fire(self, timer: str, due: object) -> None:
        return None

    def call(self, function: str, element: str) -> None:
        return None
