"""What may be asked for beside the steps of a case: each with its words, its act, and why not now."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from marshmallow import Schema, ValidationError

from app.acts import refusal_of
from app.appeals.applying import add_evidence, apply_for_review
from app.appeals.ruling import hear_objection
from app.appeals.schemas import ApplicationSchema
from app.cases.bounces import return_case
from app.cases.errors import FormInvalid, NotYourTask
from app.cases.extensions import request_extension
from app.cases.joint import ask_for_help, contribute
from app.cases.rating import correct_rating
from app.cases.reveal import reveal_contact
from app.cases.schemas import (
    BounceSchema,
    CorrectionInSchema,
    ExtensionRequestSchema,
    HelpSchema,
    PurposeSchema,
    WordsSchema,
)
from app.cases.step import Step
from app.errors import AppError, Invalid
from app.identity.actor import Actor
from app.identity.rights import Right, may
from app.request import vault
from app.supervision.referrals import OverseerOnly, refer_matter

Values = dict[str, Any]


@dataclass(frozen=True)
class Offer:
    """Something that may be asked for beside the step itself; `shape` names what is to be written.

    `lists` are the fields that are chosen from the catalogue, by what they list: department,
    staff or window. `effect` says what comes of it, where that is not plain.
    """

    label: str
    right: Right
    shape: Schema
    act: Callable[..., object]
    lists: Mapping[str, str] = field(default_factory=dict)
    effect: str = ""

    @property
    def fields(self) -> dict[str, str]:
        """What is to be written: name → label."""
        return {name: str(each.metadata["description"]) for name, each in self.shape.fields.items()}

    def is_needed(self, name: str) -> bool:
        """Whether a field must be filled in."""
        return not self.shape.fields[name].allow_none

    def _blank(self, name: str) -> str | None:
        return "" if self.is_needed(name) else None

    def read(self, typed: Mapping[str, str]) -> Values:
        """Return what was written.

        Raises:
            FormInvalid: something is missing or too long.
        """
        try:
            written = {name: typed.get(name, "").strip() for name in self.fields}
            said: Values = self.shape.load({name: value or self._blank(name) for name, value in written.items()})
        except ValidationError as error:
            wrong = "、".join(self.fields[name] for name in error.messages_dict)
            raise FormInvalid(f"请填写：{wrong}（每项不超过 5000 字）。") from error
        return said


REVEAL = Offer(
    "查看电话", Right.REVEAL, PurposeSchema(), lambda step, actor, purpose: reveal_contact(step, actor, purpose, vault())
)
OFFERS = {
    "extension": Offer(
        "申请延期", Right.ASK_EXTENSION, ExtensionRequestSchema(), request_extension, effect="批准之前，期限照原来的走。"
    ),
    "bounce": Offer("退单", Right.BOUNCE, BounceSchema(), return_case, effect="退回转办单位重新确定；每一站用的时间都记着。"),
    "appeals": Offer(
        "申请复核", Right.APPEAL, ApplicationSchema(), apply_for_review, effect="复核期间照常整改，期限不停。每轮一次。"
    ),
    "evidence": Offer("补充证据", Right.ADD_EVIDENCE, WordsSchema(), add_evidence),
    "help": Offer(
        "请求协办", Right.JOINT, HelpSchema(), ask_for_help, {"department": "department"}, "本单位仍是主办，由本单位答复。"
    ),
    "contribution": Offer("提交协办材料", Right.JOINT, WordsSchema(), contribute),
    "objections": Offer("记录评价人异议", Right.TAKE_OBJECTION, WordsSchema(), hear_objection),
    "rated": Offer(
        "更正评价对象", Right.CORRECT_RATED, CorrectionInSchema(), correct_rating, {"staff": "staff", "window": "window"},
        "原来的和更正后的都保留；被评价的人从此不能经手这件。",
    ),
    "referral": Offer("移交线索", Right.REFER, WordsSchema(), refer_matter, effect="交纪检监察单独办理，工单上不留痕。"),
}  # fmt: skip


def offers_on(case_id: int, actor: Actor) -> list[tuple[str, Offer, AppError | None]]:
    """Return what an actor may ask for on a case, each with why not now."""
    found = ((kind, offered(case_id, actor, offer)) for kind, offer in OFFERS.items())
    return [(kind, *each) for kind, each in found if each]


def offered(case_id: int, actor: Actor, offer: Offer) -> tuple[Offer, AppError | None] | None:
    """Return an offer with why not now; nothing for whom it is not meant, whoever the case is with."""
    if not may(actor, offer.right) or not actor.handles:
        return None
    refusal = refusal_of(case_id, partial(ask_for, offer, dict.fromkeys(offer.fields, "—")))
    if isinstance(refusal, NotYourTask | OverseerOnly):
        return None
    return offer, None if isinstance(refusal, Invalid) else refusal  # What is to be written comes later.


def ask_for(offer: Offer, said: Values, step: Step, actor: Actor) -> None:
    """Do what is offered; every such act takes its words in the order of its shape."""
    offer.act(step, actor, *(said[name] for name in offer.fields))
