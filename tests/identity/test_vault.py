"""Reviewers' data under lock and key."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.identity.vault import CiphertextBroken, KeyMissing, Vault, load_vault, make_key, mask_name, mask_phone

PLACE = "reviewers.phone.abc"
VAULT = Vault({1: b"1" * 32}, b"i" * 32)


@pytest.mark.clause("P1")
def test_what_was_sealed_opens_at_its_place_alone() -> None:
    sealed = VAULT.seal("15410000001", PLACE)
    assert VAULT.open(sealed, PLACE) == "15410000001"
    for other in ("reviewers.phone.abd", "reviewers.name.abc", ""):
        with pytest.raises(CiphertextBroken):
            VAULT.open(sealed, other)


def test_any_changed_byte_is_refused() -> None:
    sealed = VAULT.seal("欧阳甲乙", PLACE)
    for position in range(len(sealed)):
        changed = sealed[:position] + bytes([sealed[position] ^ 1]) + sealed[position + 1 :]
        with pytest.raises(CiphertextBroken):
            VAULT.open(changed, PLACE)


@pytest.mark.parametrize("length", [0, 1, 2, 5, 14, 20])
def test_what_was_cut_off_is_refused(length: int) -> None:
    with pytest.raises(CiphertextBroken):
        VAULT.open(VAULT.seal("欧阳甲乙", PLACE)[:length], PLACE)


def test_the_same_value_never_looks_the_same() -> None:
    assert VAULT.seal("甲", PLACE) != VAULT.seal("甲", PLACE)


def test_old_values_open_after_a_new_key_and_new_ones_use_it() -> None:
    newer = Vault(VAULT.keys | {2: b"2" * 32}, VAULT.index_key)
    assert newer.open(VAULT.seal("甲", PLACE), PLACE) == "甲"
    with pytest.raises(CiphertextBroken):
        VAULT.open(newer.seal("甲", PLACE), PLACE)


def test_the_index_is_stable_and_differs_by_person_programme_and_key() -> None:
    index = VAULT.index("zb", "111/990001198001010015")
    assert index == VAULT.index("zb", "111/990001198001010015")
    assert "990001" not in index
    others = {VAULT.index("xs", "111/990001198001010015"), VAULT.index("zb", "111/990001198001010016")}
    others.add(Vault(VAULT.keys, b"j" * 32).index("zb", "111/990001198001010015"))
    assert len(others | {index}) == 4


def test_a_key_is_made_once_and_read_by_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "reviewers.json"
    make_key(path)
    first = path.read_text()
    make_key(path)
    assert path.read_text() == first
    assert path.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in path.parent.iterdir()] == ["reviewers.json"]
    assert load_vault(path).open(load_vault(path).seal("甲", PLACE), PLACE) == "甲"


@pytest.mark.parametrize("body", [None, "", "[]", "{}", json.dumps({"keys": {"1": "zz"}, "index_key": ""})])
def test_a_missing_or_broken_key_file_is_told_in_chinese(tmp_path: Path, body: str | None) -> None:
    path = tmp_path / "reviewers.json"
    if body is not None:
        path.write_text(body)
    with pytest.raises(KeyMissing, match="备份"):
        load_vault(path)


def test_masks_leave_the_surname_and_the_ends_of_a_number() -> None:
    assert (mask_name("欧阳甲乙"), mask_name("李雷"), mask_name("")) == ("欧**", "李**", "")
    assert mask_phone("13800001234") == "138****1234"
    assert (mask_phone("123"), mask_phone("")) == ("****", "****")
