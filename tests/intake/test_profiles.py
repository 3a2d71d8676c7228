"""Codes of the outside world: the same number means opposite things in two provinces, and both are read right."""

from __future__ import annotations

import pytest

from app.intake.models import Level
from app.intake.profiles import PROFILES, ProfileUnknown, profile


def test_satisfaction_is_counted_upwards_by_the_exchange_and_downwards_by_the_standard() -> None:
    exchange, standard = profile("shandong").levels, profile("gbt39046").levels
    assert [exchange[code] for code in "12345"] == [1, 2, 3, 4, 5]
    assert [standard[code] for code in "12345"] == [5, 4, 3, 2, 1]
    assert exchange["1"] == standard["5"] == Level.VERY_DISSATISFIED


@pytest.mark.parametrize(("province", "six", "seven"), [("shandong", "phone", "sms"), ("zhejiang", "sms", "default")])
def test_two_channels_change_places_between_provinces(province: str, six: str, seven: str) -> None:
    channels = profile(province).channels
    assert (channels["6"], channels["7"]) == (six, seven)
    assert [channels[code] for code in "12345"] == ["pc", "mobile", "qr", "tablet", "terminal"]


def test_at_once_and_promised_change_places_in_zhejiang() -> None:
    assert [profile("shandong").kinds[code] for code in "12"] == ["at_once", "promised"]
    assert [profile("zhejiang").kinds[code] for code in "12"] == ["promised", "at_once"]


def test_who_applied_differs_at_the_end_of_the_list() -> None:
    assert (profile("shandong").persons["5"], profile("gbt39046").persons["5"]) == ("unincorporated", "government")
    assert all("1" in found.persons for found in PROFILES.values())


def test_a_province_without_tables_is_refused() -> None:
    with pytest.raises(ProfileUnknown):
        profile("atlantis")
