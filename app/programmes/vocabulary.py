"""The words a diagram may use: what the linter knows of acts, functions and messages without importing them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

# What a case can come to, by the `outcome` of its end event.
OUTCOMES: Mapping[str, str] = {
    "rectified": "已整改并答复",
    "explained": "已解释并答复",
    "unsubstantiated": "不属实并答复",
    "voided": "不采纳并答复",
    "linked": "已并案并答复",
    "handed_over": "转其他程序并告知",
}


@dataclass(frozen=True)
class ActWords:
    """An act: the form fields it needs and the variables it writes.

    `sets` are written whenever the act is done, `may_set` only sometimes, `limit_sets` by
    the limit of the task, as soon as the task begins.
    """

    sets: frozenset[str]
    fields: frozenset[str] = frozenset()
    may_set: frozenset[str] = frozenset()
    limit_sets: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Vocabulary:
    """Everything a diagram may name.

    `functions` and `messages` give the variables each writes, `start` the variables every
    instance has, `lasting` those that a new round (the function `begins_round`) leaves
    alone; it sets every other variable that the diagram reads to null.
    """

    timer_functions: frozenset[str]
    acts: Mapping[str, ActWords]
    functions: Mapping[str, frozenset[str]]
    messages: Mapping[str, frozenset[str]]
    start: frozenset[str]
    lasting: frozenset[str]
    begins_round: str = "begin_round"

    @property
    def written(self) -> frozenset[str]:
        """Every variable that we write; a form field of the same name would overwrite it."""
        acts = (words.sets | words.may_set | words.limit_sets for words in self.acts.values())
        return self.start.union(*acts, *self.functions.values(), *self.messages.values())
