"""Service records coming in. R1."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import func, select, text

from app.cli import config
from app.db import db
from app.identity.models import Reviewer
from app.identity.vault import load_vault
from app.intake.files import Report
from app.intake.models import ServiceRecord
from tests.intake.conftest import record

pytestmark = pytest.mark.usefixtures("catalogue")

Take = Callable[..., Report]


def count(model: Any) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


@pytest.mark.clause("R1")
@pytest.mark.parametrize("suffix", [".csv", ".jsonl"])
def test_a_record_carries_what_the_rules_ask_for(take: Take, suffix: str) -> None:
    assert take("records", record(), suffix=suffix).as_dict() == {"added": 1, "known": 0, "opened": 0, "refused": []}
    stored = db.session.scalars(select(ServiceRecord)).one()
    assert (stored.programme, stored.record, stored.visit, stored.served_on) == ("zb", "P1", 1, date(2025, 4, 1))
    assert (stored.item, stored.department, stored.window, stored.staff) == ("1" * 31, "rated", "w1", "s1")
    assert (stored.state, stored.finished_at) == ("finished", datetime(2025, 4, 1, 1, 0, tzinfo=UTC))


@pytest.mark.clause("R1")
@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"mobile": ""}, "mobile：本方案规定必填"),
        ({"mobile": "无"}, "mobile：应为电话号码"),
        ({"certKey": " "}, "certKey：必填"),
        ({"programme": "qq"}, "没有代码为 qq 的方案。"),
        ({"deptCode": "nobody"}, "deptCode：名录里没有 nobody"),
        ({"taskCode": "2" * 31}, f"taskCode：名录里没有 {'2' * 31}"),
        ({"window": "w9"}, "window：名录里没有 w9"),
        ({"proManager": "s9"}, "proManager：名录里没有 s9"),
        ({"channel": "smoke"}, "channel：名录里没有 smoke"),
        ({"proStatus": "6"}, "proStatus：应为 1 待受理、2 已受理、3 已办结、4 不予受理或 5 退件"),
        ({"resultDate": ""}, "resultDate：已办结的办件须有办结时间"),
        ({"serviceTime": "昨天"}, "serviceTime：应为 2025-04-01 09:30:00 这样的时间"),
        ({"serviceNumber": "0"}, "serviceNumber：应为 1 到 9999 的整数"),
        ({"serviceNumber": "9" * 30}, "serviceNumber：应为 1 到 9999 的整数"),
        ({"projectNo": "P" * 201}, "projectNo：必填，且不超过 200 字"),
        ({"userName": "a\x00b"}, "含有空字符（NUL）"),
    ],
)
def test_a_row_that_lacks_something_is_refused_alone(take: Take, changes: dict[str, str], reason: str) -> None:
    rows = [record(projectNo="A"), record(projectNo="B") | changes, record(projectNo="C")]
    report = take("records", *rows, suffix=".jsonl")
    assert (report.added, report.refused) == (2, [(2, reason)])
    assert set(db.session.scalars(select(ServiceRecord.record))) == {"A", "C"}


def test_a_missing_column_is_told_for_each_row(take: Take) -> None:
    row = record()
    del row["certKey"], row["userName"]
    assert take("records", row).refused == [(1, "certKey：必填；userName：必填")]


@pytest.mark.clause("R1")
def test_the_telephone_number_is_a_must_in_zb_alone(take: Take) -> None:
    rows = [record(programme=programme, mobile="") for programme in ("gc", "zb", "sx", "xs", "hk")]
    assert [row for row, _ in take("records", *rows).refused] == [2]


def test_a_repeated_import_adds_nothing(take: Take) -> None:
    rows = [record(), record(projectNo="P2"), record()]
    first, second = take("records", *rows), take("records", *rows)
    assert (first.added, first.known) == (2, 1)
    assert (second.added, second.known, second.refused) == (0, 3, [])
    assert count(ServiceRecord) == 2


def test_a_record_that_is_finished_meanwhile_is_brought_up_to_date_and_never_taken_back(take: Take) -> None:
    accepted = record(proStatus="2", resultDate="")
    take("records", accepted)
    for row in (record(), accepted):
        assert take("records", row).known == 1
        stored = db.session.scalars(select(ServiceRecord)).one()
        assert (stored.state, stored.finished_at) == ("finished", datetime(2025, 4, 1, 1, 0, tzinfo=UTC))


def test_thirty_three_digits_name_the_item_of_the_first_thirty_one(take: Take) -> None:
    assert take("records", record(taskCode="1" * 31 + "01")).added == 1
    assert db.session.scalars(select(ServiceRecord.item)).one() == "1" * 31


def test_one_person_is_stored_once_a_programme_and_a_missing_phone_is_filled_in(take: Take) -> None:
    take("records", record(programme="xs", mobile=""), record(programme="xs", projectNo="P2", mobile=""), record())
    assert count(Reviewer) == 2
    take("records", record(programme="xs", projectNo="P3", certKey="990001198001010015"))
    person = db.session.scalars(select(Reviewer).where(Reviewer.programme == "xs")).one()
    vault = load_vault(config().key_file)
    assert vault.open(person.phone or b"", f"reviewers.phone.{person.person_index}") == "15410000001"
    assert vault.open(person.name or b"", f"reviewers.name.{person.person_index}") == "欧阳甲乙"


@pytest.mark.parametrize(
    ("served", "partition"),
    [
        ("2025-04-30 23:59:59", "service_records_y2025m04"),
        ("2025-05-01 00:00:00", "service_records_y2025m05"),
        ("2001-01-01 09:00:00", "service_records_y2_else"),
    ],
)
def test_a_record_lies_in_the_month_of_the_service_in_china(take: Take, served: str, partition: str) -> None:
    take("records", record(serviceTime=served))
    assert db.session.scalar(text("select tableoid::regclass::text from service_records")) == partition
