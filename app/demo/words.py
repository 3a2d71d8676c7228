"""What the people of the city write: complaints by topic and reason, and praise."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Complaint:
    """A text that goes with one reason of the national list and with one topic."""

    reason: str
    topic: str
    text: str

    @property
    def level(self) -> int:
        """The level of a review that says this: 2 不满意 or 1 非常不满意."""
        return int(self.reason[0])


@cache
def complaints() -> tuple[Complaint, ...]:
    """Return all complaints, as they stand in the file."""
    lines = (HERE / "complaints.txt").read_text("utf-8").splitlines()
    return tuple(Complaint(*line.split(" ", 2)) for line in lines)


@cache
def praise() -> tuple[str, ...]:
    """Return what contented people write."""
    return tuple((HERE / "praise.txt").read_text("utf-8").splitlines())


class Pool:
    """Hands complaints out, each once, until those of a topic are used up."""

    def __init__(self, chance: Random) -> None:
        self._left: dict[str, list[Complaint]] = {}
        for complaint in complaints():
            self._left.setdefault(complaint.topic, []).append(complaint)
        for left in self._left.values():
            chance.shuffle(left)

    def take(self, topic: str) -> Complaint:
        """Return a complaint on a topic that nobody has made yet.

        Raises:
            IndexError: there is none left.
        """
        return self._left[topic].pop()

    def has(self, topic: str) -> bool:
        """Whether a complaint on this topic is left."""
        return bool(self._left[topic])
