"""Codes of the outside world by province (GB/T 39046 and the exchange interfaces), converted once at the edge.

The exchange interfaces count satisfaction upwards (1 非常不满意 … 5 非常满意), GB/T 39046 A.8
downwards; channel codes 6 and 7 differ between provinces.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from app.errors import Invalid

UPWARDS = {"1": 1, "2": 2, "3": 3, "4": 4, "5": 5}
DOWNWARDS = {"1": 5, "2": 4, "3": 3, "4": 2, "5": 1}

CHANNELS = {"1": "pc", "2": "mobile", "3": "qr", "4": "tablet", "5": "terminal"}
PHONE_FIRST = CHANNELS | {"6": "phone", "7": "sms"}
SMS_FIRST = CHANNELS | {"6": "sms", "7": "default"}

# proStatus of the exchange (1 to 3), and two of ours: refusals and returns are services too, and invite (C10).
STATES = {"1": "waiting", "2": "accepted", "3": "finished", "4": "refused", "5": "returned"}

# Who applied (userProp): the exchange and GB/T 39046 A.4 differ at the end, Zhejiang knows two.
PERSONS = {
    "1": "person", "2": "company", "3": "institution", "4": "association", "5": "unincorporated", "6": "government", "9": "other",
}  # fmt: skip
PERSONS_GBT = PERSONS | {"5": "government", "6": "other"}
PERSONS_ZHEJIANG = {"1": "person", "2": "legal_person"}

# How fast a matter is done (promiseTime): at once or by a promised date; Zhejiang has them the other way round.
KINDS = {"1": "at_once", "2": "promised", "9": "other"}
KINDS_ZHEJIANG = {"1": "promised", "2": "at_once"}


class ProfileUnknown(Invalid):
    """No code tables for this province."""

    code = "profile_unknown"


@dataclass(frozen=True)
class Profile:
    """How one province writes levels, channels, applicants and kinds of service."""

    levels: Mapping[str, int]
    channels: Mapping[str, str]
    persons: Mapping[str, str] = field(default_factory=lambda: PERSONS)
    kinds: Mapping[str, str] = field(default_factory=lambda: KINDS)


EXCHANGE = Profile(UPWARDS, PHONE_FIRST)
PROFILES = {
    "anhui": EXCHANGE,
    "shandong": EXCHANGE,
    "shanxi": EXCHANGE,
    "yunnan": EXCHANGE,
    "hainan": EXCHANGE,
    "zhejiang": Profile(UPWARDS, SMS_FIRST, PERSONS_ZHEJIANG, KINDS_ZHEJIANG),
    "gbt39046": Profile(DOWNWARDS, PHONE_FIRST, PERSONS_GBT),
}


def profile(name: str) -> Profile:
    """Return the code tables of a province.

    Raises:
        ProfileUnknown: there are none of this name.
    """
    if name not in PROFILES:
        raise ProfileUnknown(f"没有代码表 {name}，可用的有：{'、'.join(PROFILES)}。")
    return PROFILES[name]
