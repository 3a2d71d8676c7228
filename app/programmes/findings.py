"""One thing wrong with a diagram or its rules."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Finding:
    """What is wrong, where, and how to mend it.

    `element` is the id of the element, the path of a key of `programme.toml`, or empty for
    the whole file; `rule` is stable and meant for programs, `message` Chinese.
    """

    element: str
    rule: str
    message: str

    def as_dict(self) -> dict[str, str]:
        """Return the shape in which findings leave the house."""
        return {"element": self.element, "rule": self.rule, "message": self.message}
