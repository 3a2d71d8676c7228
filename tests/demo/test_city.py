"""The made-up city: it is repeatable, it is large enough, and the import takes all of it."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date, datetime
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.cases.models import Case
from app.catalogue.importing import ITEM_CLASSES
from app.cli import import_file
from app.clock import SHANGHAI, VirtualClock
from app.db import db
from app.demo.accounts import PASSWORD, make_accounts
from app.demo.city import City, write_city
from app.demo.names import check_digit
from app.demo.places import catalogue_rows
from app.demo.words import complaints
from app.demo.written import read_lines
from app.identity.actor import Role
from app.identity.models import Account
from app.identity.passwords import verify_password
from app.intake.models import Review, ServiceRecord
from app.intake.reading import open_source
from app.intake.reasons import REASONS
from app.intake.schemas import RecordRow
from app.programmes.bundle import read_bundle, shipped

SEED = 2025
PROGRAMMES = {"gc", "zb", "sx", "xs", "hk"}

Row = dict[str, str]


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> City:
    return write_city(tmp_path_factory.mktemp("city"), SEED)


@pytest.fixture(scope="module")
def records(city: City) -> list[Row]:
    found: list[Row] = []
    for day in city.days:
        found += (line.values for line in open_source(day.records, RecordRow).lines())  # type: ignore[misc]
    return found


@pytest.fixture(scope="module")
def reviews(city: City) -> list[Row]:
    return [row for day in city.days for path in (day.reviews, day.sent) for row in read_lines(path)]


def bytes_of(folder: Path) -> dict[str, bytes]:
    """Every file; a workbook says when it was made, so what is in it stands for it."""
    return {path.name: b"" if path.suffix == ".xlsx" else path.read_bytes() for path in sorted(folder.iterdir())}


def test_the_same_seed_writes_the_same_bytes_and_another_does_not(city: City, tmp_path: Path) -> None:
    again, other = write_city(tmp_path / "again", SEED), write_city(tmp_path / "other", SEED + 1)
    assert bytes_of(again.folder) == bytes_of(city.folder)
    assert again.bad == city.bad
    assert bytes_of(other.folder) != bytes_of(city.folder)


def test_all_thirty_days_have_about_twenty_thousand_records(city: City, records: list[Row]) -> None:
    assert [day.day for day in city.days] == [date(2025, 4, day) for day in range(1, 31)]
    assert 19_000 <= len(records) <= 21_000
    assert {row["programme"] for row in records} == PROGRAMMES


def test_there_are_two_hundred_distinct_complaints_over_all_bad_reasons(reviews: list[Row]) -> None:
    texts = [complaint.text for complaint in complaints()]
    assert len(set(texts)) == len(texts) >= 200
    assert all(20 <= len(text) <= 80 for text in texts)
    assert {complaint.reason for complaint in complaints()} == {code for code in REASONS if code[0] in "12"}
    assert len(set(texts) & {row["writingEvaluation"] for row in reviews}) >= 200


def test_complaints_hold_no_telephone_or_certificate_number() -> None:
    assert not [each.text for each in complaints() if re.search(r"\d{5}", each.text)]


def test_bad_reviews_are_spread_over_programmes_and_festivals(city: City) -> None:
    by_programme = Counter(bad.programme for bad in city.bad)
    assert by_programme.keys() == PROGRAMMES
    assert all(20 <= count <= 30 for count in by_programme.values())
    for programme in PROGRAMMES:
        days = {bad.day.day for bad in city.bad if bad.programme == programme}
        assert len(days & {3, 4, 5, 6, 7}) >= 3
        assert len(days & {11, 12, 13, 14, 15, 16}) >= 2


def test_the_list_of_bad_reviews_is_what_the_files_hold(city: City, reviews: list[Row]) -> None:
    told = {(bad.programme, bad.record, bad.visit, bad.sequence) for bad in city.bad}
    bad = [row for row in reviews if row["satisfaction"] in "12"]
    key = ("programme", "projectNo", "serviceNumber", "assessNumber")
    assert {(row[key[0]], row[key[1]], int(row[key[2]]), int(row[key[3]])) for row in bad} == told
    assert len(bad) == len(told) == len(city.bad)


def test_codes_fit_the_level(reviews: list[Row]) -> None:
    for row in reviews:
        codes = [code for code in row["evalDetail"].split(",") if code]
        assert all(code in REASONS and code.startswith(row["satisfaction"]) for code in codes)
        assert codes or row["writingEvaluation"] or row["satisfaction"] not in "12"


def test_each_bad_review_is_of_its_own_person_unless_it_continues_a_matter(city: City, records: list[Row]) -> None:
    people = {(row["programme"], row["projectNo"]): row["certKey"] for row in records}
    of_first = [people[bad.programme, bad.record] for bad in city.bad if not bad.again]
    assert len(set(of_first)) == len(of_first)
    assert {bad.programme for bad in city.bad if bad.again} == PROGRAMMES
    assert {bad.programme for bad in city.bad if bad.anonymous} == {"gc", "zb", "xs"}


def test_moments_lie_before_the_import_of_their_day(city: City) -> None:
    for day in city.days:
        end = f"{day.day} 17:00:00"
        rows = read_lines(day.reviews) + read_lines(day.sent)
        assert max(row["assessTime"] for row in rows) < end
        assert min(row["assessTime"] for row in rows) >= str(day.day)


def test_numbers_of_people_have_the_right_shape_and_belong_to_nobody(records: list[Row]) -> None:
    for row in records:
        assert re.fullmatch(r"154\d{8}", row["mobile"])
        if row["userPageType"] == "111":
            assert row["certKey"].startswith("99")
            assert check_digit(row["certKey"][:17]) == row["certKey"][17]


@pytest.mark.clause("R2")
def test_the_catalogue_has_every_body_of_the_rules_and_all_classes_of_items() -> None:
    rows = list(catalogue_rows())
    for folder in shipped():
        rules = read_bundle(folder).rules
        named = {rules.superior} | {rule.superior for rule in rules.lanes.values()} | {rule.code for rule in rules.lanes.values()}
        named |= {code for rule in rules.lanes.values() for code in rule.by_area.values()}
        mine = [row for row in rows if row["programme"] == rules.code]
        assert named - {None} <= {row["code"] for row in mine if row["kind"] == "department"}
        items = [row for row in mine if row["kind"] == "item"]
        assert {row["detail"] for row in items} == set(ITEM_CLASSES)
        assert all(len(row["code"]) == 31 for row in items)
        assert len({row["department"] for row in items}) == 6


@pytest.fixture
def month(city: City, database: Flask, clock: VirtualClock) -> City:
    report = import_file("catalogue", city.catalogue)
    assert report.refused == []
    return city


def test_everybody_has_an_account_and_nobody_answers_for_tasks_that_rate_him(month: City) -> None:
    accounts = make_accounts(month, datetime(2025, 4, 1, tzinfo=SHANGHAI))
    assert make_accounts(month, datetime(2025, 4, 1, tzinfo=SHANGHAI)) == accounts
    stored = {account.login: account for account in db.session.scalars(select(Account))}
    assert stored.keys() == {account.login for account in accounts}
    assert verify_password(stored["gc-realty-head"].password_hash, PASSWORD)
    for row in catalogue_rows():
        if row["kind"] == "department":
            assert stored[row["responsible"]].staff is None
            assert stored[row["responsible"]].actor().handles
    for programme in PROGRAMMES:
        roles = Counter(account.role for account in accounts if account.programme == programme)
        assert roles[Role.LEADER] == roles[Role.AUDITOR] == 1
    assert any(account.staff for account in accounts)


@pytest.mark.clause("L1")
def test_the_whole_month_comes_in_without_a_refused_row_and_opens_all_cases(month: City, clock: VirtualClock) -> None:
    for day in month.days:
        clock.set(datetime(day.day.year, day.day.month, day.day.day, 17, tzinfo=SHANGHAI))
        for kind, path in (("records", day.records), ("reviews", day.reviews), ("reviews", day.sent)):
            assert import_file(kind, path).refused == []
    assert db.session.scalar(select(func.count()).select_from(ServiceRecord)) > 19_000
    bad = {(each.programme, each.record, each.visit, each.sequence) for each in month.bad}
    opened = db.session.execute(select(Case.programme, Case.record, Case.visit, Case.sequence)).all()
    assert {tuple(row) for row in opened} == bad
    linked = set(db.session.scalars(select(Case.record).where(Case.linked_to.is_not(None))))
    assert linked == {each.record for each in month.bad if each.again}
    late = select(func.count()).select_from(Review).where(Review.is_late)
    for programme in ("zb", "sx", "hk"):
        assert (db.session.scalar(late.where(Review.programme == programme)) or 0) > 0
    assert db.session.scalar(late.where(Review.programme.in_(["gc", "xs"]))) == 0
