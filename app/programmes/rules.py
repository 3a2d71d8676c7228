"""`programme.toml` as typed rules: what of a programme has no element in its diagram."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from fractions import Fraction
from typing import Any

from app.deadlines.limits import Limit, Unit
from app.programmes.errors import BundleUnreadable, RulesInvalid


@dataclass(frozen=True)
class LaneRule:
    """Which department stands in a lane, and who stands in when owner and judged are one.

    `department` is record (the one rated), area (by the case's area) or fixed (`code`).
    """

    department: str
    code: str | None
    by_area: Mapping[str, str]
    superior: str | None


@dataclass(frozen=True)
class Ladder:
    """The moments after and before a limit, in working days, and who hears of each level."""

    remind_before: int
    remind_from: int
    remind_last_day: bool
    supervise_after: int
    leaders_after: int
    recipients: Mapping[str, str]


@dataclass(frozen=True)
class DrawRule:
    """How closed cases are drawn for revisits; `period` None means every one is revisited."""

    share: Fraction
    period: str | None
    lane: str


@dataclass(frozen=True)
class ContactRule:
    """When a reviewer counts as out of reach: so many tries on so many working days, one after a time of day or by SMS."""

    tries: int
    days: int
    after: time


@dataclass(frozen=True)
class Rules:
    """The rules of one version of a programme."""

    code: str
    name: str
    area: str
    calendar: tuple[str, ...]
    lanes: Mapping[str, LaneRule]
    overseer: str
    superior: str
    ladder: Ladder
    draw: DrawRule
    voiding_grounds: tuple[str, ...]
    voiding_persons: int
    objection_days: int
    later_round_handling: tuple[str, ...]
    contact: ContactRule
    business_hours: tuple[time, time]
    supplement_days: int | None
    addition: Limit
    default_review: Limit | None
    in_force_until: date | None
    clauses: Mapping[str, str]
    raw: Mapping[str, Any]

    def concerns_all(self, department: str) -> bool:
        """Whether every case of the programme is a department's concern: the superior's, or who stands in a lane for all."""
        fixed = {rule.code for rule in self.lanes.values() if rule.department == "fixed"}
        return department in fixed | {self.superior}


def read_rules(data: bytes) -> Rules:
    """Read the rules of a bundle.

    Raises:
        BundleUnreadable: not UTF-8 or not TOML.
        RulesInvalid: a key is missing or of the wrong kind; the message names it.
    """
    try:
        raw = tomllib.loads(data.decode())
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BundleUnreadable("programme.toml 不是 UTF-8 的 TOML 文件。") from error
    try:
        return _rules(raw)
    except KeyError as error:
        raise RulesInvalid(f"programme.toml 缺少 {error.args[0]}。") from error
    except (TypeError, ValueError, AttributeError) as error:
        raise RulesInvalid("programme.toml 有一项的写法不对，请对照其他方案的同一项。") from error


def _rules(raw: Mapping[str, Any]) -> Rules:
    hours, voiding = raw["business_hours"], raw["voiding"]
    return Rules(
        code=raw["code"].lower(),
        name=raw["name"],
        area=raw["area"],
        calendar=tuple(raw["calendar"]),
        lanes={lane: _lane(rule) for lane, rule in raw["lanes"].items()},
        overseer=raw["overseer"]["lane"],
        superior=raw["superior"]["code"],
        ladder=_ladder(raw["ladder"]),
        draw=_draw(raw["draw"]),
        voiding_grounds=tuple(voiding["grounds"]),
        voiding_persons=int(voiding["persons"]),
        objection_days=int(voiding["objection_wd"]),
        later_round_handling=tuple(raw["rounds"]["simple_handling"]),
        contact=_contact(raw["contact_tries"]),
        business_hours=(time.fromisoformat(hours["opens"]), time.fromisoformat(hours["closes"])),
        supplement_days=raw.get("supplement", {}).get("days"),
        addition=_limit(raw["addition"]),
        default_review=_limit(raw["default_review"]) if "default_review" in raw else None,
        in_force_until=raw.get("in_force_until"),
        clauses=raw["clauses"],
        raw=raw,
    )


def _limit(rule: Mapping[str, Any]) -> Limit:
    return Limit(int(rule["days"]), Unit(rule["unit"]))


def _lane(rule: Mapping[str, Any]) -> LaneRule:
    if rule["department"] not in {"record", "area", "fixed"}:
        raise ValueError(rule["department"])
    return LaneRule(rule["department"], rule.get("code"), rule.get("by_area", {}), rule.get("superior"))


def _ladder(rule: Mapping[str, Any]) -> Ladder:
    return Ladder(
        remind_before=int(rule["remind_before"]),
        remind_from=int(rule["remind_from"]),
        remind_last_day=bool(rule["remind_last_day"]),
        supervise_after=int(rule["supervise_after"]),
        leaders_after=int(rule["leaders_after"]),
        recipients=rule["recipients"],
    )


def _contact(rule: Mapping[str, Any]) -> ContactRule:
    return ContactRule(int(rule["tries"]), int(rule["days"]), time.fromisoformat(rule["after"]))


def _draw(rule: Mapping[str, Any]) -> DrawRule:
    share = Fraction(str(rule["share"]))
    if not 0 < share <= 1:
        raise ValueError(rule["share"])
    period = rule.get("period")
    return DrawRule(share, None if period in (None, "none", "") else period, rule["lane"])
