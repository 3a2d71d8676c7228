"""Made-up people: names, telephone and certificate numbers that have the right shape and belong to nobody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
    "苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石"
)
GIVEN = "建国淑芬志强秀英伟丽敏静磊洋艳勇军杰娟涛明超兰霞平刚桂宁晨欣怡子涵雨泽梓萱浩然思远嘉文博雅琳玉珍海燕春梅小红永福长青立新"
DAI_GIVEN = "温香罕叫坎保扁龙光拉章万应恩儿波"

# 154 is a block of numbers that no operator has been given; 99 begins no area code.
PHONE_BLOCK = "154"
AREA_BLOCK = "99"

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK_DIGITS = "10X98765432"


@dataclass(frozen=True)
class Person:
    """Somebody who is served: kind of applicant, certificate, name and telephone number."""

    kind: str
    certificate_kind: str
    certificate: str
    name: str
    phone: str


class People:
    """Makes persons up; no two have the same certificate or telephone number."""

    def __init__(self, chance: Random) -> None:
        self._chance = chance
        self._made = 0

    def somebody(self, programme: str) -> Person:
        """Return a new person; about one in fourteen stands for a company."""
        self._made += 1
        phone = f"{PHONE_BLOCK}{10_000_000 + self._made * 37:08d}"
        if self._chance.random() < 0.07:
            return Person("2", "001", f"91{AREA_BLOCK}0101MA{self._made:07d}X", f"演示{self._made}号商贸有限公司", phone)
        return Person("1", "111", self._certificate(), self._name(programme), phone)

    def citizen(self, programme: str) -> Person:
        """Return a new natural person."""
        while (person := self.somebody(programme)).kind != "1":
            pass
        return person

    def _certificate(self) -> str:
        born = date(1945, 1, 1) + timedelta(days=self._chance.randrange(22_000))
        # The area block and the running number together make each certificate the only one.
        area, order = divmod(self._made, 1000)
        digits = f"{AREA_BLOCK}{area:04d}{born:%Y%m%d}{order:03d}"
        return digits + check_digit(digits)

    def _name(self, programme: str) -> str:
        if programme == "xs" and self._chance.random() < 0.35:
            return self._chance.choice("岩玉") + "".join(self._chance.sample(DAI_GIVEN, self._chance.choice((1, 1, 2))))
        return _name(self._chance)


def check_digit(digits: str) -> str:
    """Return the last digit of a citizen's certificate number (GB 11643)."""
    return CHECK_DIGITS[sum(int(digit) * weight for digit, weight in zip(digits, WEIGHTS, strict=True)) % 11]


def surname_and_given(code: str) -> str:
    """Return a name for a code; the same code always gets the same name."""
    return _name(Random(code))  # noqa: S311  # a name, not a secret


def _name(chance: Random) -> str:
    return chance.choice(SURNAMES) + "".join(chance.sample(GIVEN, chance.choice((1, 2, 2))))
