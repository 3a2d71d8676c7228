"""A change of keys that is killed at every point: nothing is lost, and running it again finishes it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from cases.conftest import Driver, handling
from flask import Flask
from sqlalchemy import select

from app.cases.models import TaskForm
from app.cases.reveal import masked_contact
from app.db import db, unit_of_work
from app.identity import rotation
from app.identity.rotation import keys_in_use
from app.identity.vault import load_vault
from app.intake.people import store_people
from app.wiring import encrypted_columns
from chaos.killing import die, until_one_survives

PERSON = {
    "programme": "xs", "userPageType": "111", "certKey": "990001198001010015", "userName": "欧阳甲乙", "mobile": "15410000001",
}  # fmt: skip


@pytest.mark.clause("P1")
def test_a_rotation_killed_anywhere_is_finished_by_the_next(
    database: Flask, make_case: Callable[..., Driver], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rotation, "BATCH", 2)
    path: Path = database.extensions["bihuan"]["config"].key_file
    before = path.read_text()
    with unit_of_work():
        reviewer = next(iter(store_people([PERSON], load_vault(path), make_case("gc").clock.moment).values()))
    cases = [handling(make_case, reviewer=reviewer if number == 0 else None) for number in range(5)]

    def rotate() -> int:
        return database.test_cli_runner().invoke(args=["identity", "rotate-key"]).exit_code

    try:
        points = until_one_survives(database, tmp_path, lambda at, told: die(database, told, rotate, at))
        with unit_of_work():
            assert keys_in_use(encrypted_columns()) == {max(load_vault(path).keys)}
        assert len(db.session.scalars(select(TaskForm.body)).all()) == len(cases)
        seen: list[object] = []
        cases[0].act(lambda step: seen.append(masked_contact(step, load_vault(path)).phone))
        assert seen == ["154****0001"]
        print(f"killed at {points} points; keys {sorted(load_vault(path).keys)}")
        assert points > 30
    finally:
        path.write_text(before)
