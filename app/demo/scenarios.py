"""What the demo's people do: one scenario a case, so that every way through every programme is walked."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

# Longer than any first limit with its ladder up to the leaders.
FAR_TOO_LATE = 24 * 26


@dataclass(frozen=True)
class Reply:
    """How somebody answers one task: after so many hours, with these fields, calling three times first or not."""

    hours: int = 5
    form: dict[str, Any] = field(default_factory=dict)
    calls_thrice: bool = False


@dataclass(frozen=True)
class Impulse:
    """What somebody does besides, some hours after a step of this act opened; instead of the step, for a return."""

    on: str
    kind: str
    hours: int = 2
    instead: bool = False


@dataclass(frozen=True)
class Scenario:
    """A name for people, replies by act (used in turn, the last one again), and impulses."""

    name: str
    replies: dict[str, tuple[Reply, ...]] = field(default_factory=dict)
    impulses: tuple[Impulse, ...] = ()


def reply(hours: int = 5, **form: Any) -> Reply:
    """Return a reply with these fields."""
    return Reply(hours, form)


def handled(handling: str, truth: str = "true", responsibility: str = "unit") -> Reply:
    """Return a verification of this class."""
    return reply(handling=handling, truth=truth, responsibility=responsibility)


UPHELD = reply(upheld=True, ground="mistake", reviewer_confirmed=True)
REFUSED = reply(upheld=False)
CLAIMED = handled("claim", "false", "none")
THRICE = Reply(3, {"outcome": "unanswerable", "method": "sms"}, calls_thrice=True)
NOT_REACHED = Reply(3, {"result": "unreachable", "called": False}, calls_thrice=True)


def verified(*replies: Reply, **more: tuple[Reply, ...]) -> dict[str, tuple[Reply, ...]]:
    """Return replies that begin with these verifications."""
    return {"verify": replies, **more}


COMMON = (
    Scenario("情况清楚，整改并答复", verified(handled("clear"))),
    Scenario("情况复杂，限期整改", verified(handled("complex", responsibility="system"))),
    Scenario("缺乏法定依据，解释并答复", verified(handled("no_basis", "partly", "none"))),
    Scenario("不属实，已答复，评价保留", verified(handled("unsubstantiated", "false", "none"))),
    Scenario("应走其他程序，已告知", verified(handled("handed_over", "unverifiable", "none"))),
    Scenario("退单一次后重新转办", verified(handled("clear")), (Impulse("verify", "bounce", instead=True),)),
    Scenario(
        "两次退单，监督方裁定",
        verified(handled("clear")),
        (Impulse("verify", "bounce", instead=True), Impulse("verify", "bounce", instead=True)),
    ),
    Scenario("一拖再拖，逐级报到领导", verified(Reply(FAR_TOO_LATE, handled("clear").form))),
    Scenario(
        "回访仍未解决，第二轮整改", {"revisit": (reply(result="not_fixed"), reply(result="fixed"))} | verified(handled("clear"))
    ),
    Scenario(
        "三轮才办好，监督方决定再办一轮",
        {"revisit": (reply(result="not_fixed"), reply(result="not_told"), reply(result="fixed"))}
        | verified(handled("clear"), decide_round=(reply(decision="new_round", complex_granted=True),)),
    ),
    Scenario(
        "两轮未果，监督方决定办结",
        {"revisit": (reply(result="not_fixed"), reply(result="untrue"))}
        | verified(handled("clear"), decide_round=(reply(decision="settle"),)),
    ),
    Scenario("三次联系不上评价人", verified(handled("clear"), answer=(THRICE,), revisit=(NOT_REACHED,))),
    Scenario("合法但不满意，如实记录", verified(handled("no_basis", "partly", "none"), revisit=(reply(result="unwelcome"),))),
    Scenario("移交纪检监察机构", verified(handled("clear", responsibility="person")), (Impulse("answer", "refer"),)),
    Scenario("协办部门参与", verified(handled("clear")), (Impulse("rectify", "help"),)),
    Scenario("回访时称受到施压", verified(handled("clear"), revisit=(reply(result="pressed"),))),
)
CLAIMS = (
    Scenario(
        "认定误评，不予采纳",
        verified(CLAIMED, rule_claim=(UPHELD,), province_result=(reply(province="pending"), reply(province="accepted"))),
    ),
    Scenario("误评申诉被退回，继续整改", verified(CLAIMED, handled("clear"), rule_claim=(REFUSED,))),
    Scenario(
        "不予采纳，省级未采纳，本级认定", verified(CLAIMED, rule_claim=(UPHELD,), province_result=(reply(province="refused"),))
    ),
)
APPEALS = (
    Scenario(
        "复核成立，不予采纳",
        verified(handled("complex"), handled("clear"), rule_appeal=(UPHELD,)),
        (Impulse("verify", "appeal"),),
    ),
    Scenario("复核退回，整改照常", verified(handled("clear"), rule_appeal=(REFUSED,)), (Impulse("verify", "appeal"),)),
)
EXTENSIONS = (
    Scenario("延期获准", verified(handled("complex"), rule_extension=(reply(granted=True),)), (Impulse("rectify", "extension"),)),
    Scenario(
        "延期未获准", verified(handled("complex"), rule_extension=(reply(granted=False),)), (Impulse("rectify", "extension"),)
    ),
)
SCENARIOS: dict[str, tuple[Scenario, ...]] = {
    "gc": COMMON + CLAIMS,
    "zb": COMMON + CLAIMS[:2],
    "sx": COMMON + CLAIMS[:2] + EXTENSIONS,
    "xs": COMMON + APPEALS + EXTENSIONS,
    "hk": COMMON + APPEALS + EXTENSIONS,
}
# Where a draw decides who is called, the calls of a programme go like this, one after the other.
DRAWN_CALLS = (reply(result="not_fixed"), NOT_REACHED, reply(result="fixed"), reply(result="unwelcome"))
# What comes in at 17:00 must be filed the same day in GC.
AT_ONCE = Reply(hours=0)
# A further bad review of the same matter, or an anonymous one, needs no script.
ORDINARY = Scenario("其余差评", verified(handled("clear")))
