"""Reviews coming in: what is taken, what is refused, and what a bad one sets off."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import func, select, text

from app import events
from app.cases.models import Case
from app.cli import config
from app.clock import SHANGHAI, VirtualClock
from app.db import db
from app.engine.errors import EngineFault
from app.identity.vault import load_vault
from app.intake.events import BadReviewReceived
from app.intake.files import Report
from app.intake.models import Review
from app.intake.reviews import words_place
from tests.intake.conftest import bad_review, record, review

pytestmark = pytest.mark.usefixtures("catalogue", "served")

Take = Callable[..., Report]
TWICE = "本次服务已有评价（2025-04-01 09:05，渠道 tablet），这一条留存不计"


@pytest.fixture
def served(take: Take, catalogue: Report) -> None:
    rows = [record(programme=programme, projectNo=f"P{n}") for programme in ("gc", "zb", "sx", "xs", "hk") for n in (1, 2, 3)]
    assert take("records", *rows).refused == []


def count(model: Any) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


@pytest.mark.clause("C1")
@pytest.mark.parametrize("suffix", [".csv", ".jsonl"])
def test_a_good_review_is_stored_and_opens_nothing(take: Take, suffix: str) -> None:
    assert take("reviews", review(), suffix=suffix).as_dict() == {"added": 1, "known": 0, "opened": 0, "refused": []}
    stored = db.session.scalars(select(Review)).one()
    assert (stored.level, stored.reasons, stored.channel, stored.department) == (5, ["510", "517"], "tablet", "rated")
    assert count(Case) == 0


@pytest.mark.clause("C1")
@pytest.mark.parametrize(("level", "codes"), [("1", "108"), ("2", "207")])
def test_a_bad_review_opens_its_case(take: Take, level: str, codes: str) -> None:
    report = take("reviews", bad_review(satisfaction=level, evalDetail=codes), review(projectNo="P2"))
    assert (report.added, report.opened) == (2, 1)
    case = db.session.scalars(select(Case)).one()
    assert (case.record, case.visit, case.sequence, case.rated_department) == ("P1", 1, 1, "rated")


@pytest.mark.clause("C3")
@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"evalDetail": "", "writingEvaluation": ""}, "差评必须勾选详情或填写文字评价"),
        ({"evalDetail": " ， ", "writingEvaluation": "  "}, "差评必须勾选详情或填写文字评价"),
        ({"evalDetail": "115,207"}, "evalDetail：原因代码 207 不属于这一评价等级"),
        ({"evalDetail": "199"}, "evalDetail：没有原因代码 199"),
        ({"projectNo": "P9"}, "projectNo：没有对应的服务数据"),
        ({"serviceNumber": "2"}, "projectNo：没有对应的服务数据"),
        ({"satisfaction": "6"}, "satisfaction：应为 1、2、3、4、5 之一"),
        ({"satisfaction": ""}, "satisfaction：必填"),
        ({"pf": "9"}, "pf：必填，须是本省代码表里的评价渠道；或在 channel 写名录里的渠道"),
        ({"assessNumber": "3"}, "assessNumber：应为 1（首次）或 2（追加）"),
        ({"assessNumber": "2"}, "assessNumber：没有首次评价，不能追加"),
        ({"anonymityFlag": "否"}, "anonymityFlag：应为 1（匿名）或 2（实名）"),
        ({"isdefault": "1"}, "isdefault：差评不能是系统默认评价"),
        ({"programme": "qq"}, "没有代码为 qq 的方案。"),
        ({"writingEvaluation": "长" * 2001}, "writingEvaluation：不超过 2000 字"),
    ],
)
def test_a_bad_row_is_refused_alone(take: Take, changes: dict[str, str], reason: str) -> None:
    rows = [bad_review(projectNo="P2"), bad_review() | changes, review(projectNo="P3")]
    report = take("reviews", *rows)
    assert (report.added, report.opened, report.refused) == (2, 1, [(2, reason)])
    assert set(db.session.scalars(select(Review.record))) == {"P2", "P3"}


@pytest.mark.clause("C8")
@pytest.mark.parametrize(("programme", "taken"), [("gc", True), ("zb", True), ("xs", True), ("sx", False), ("hk", False)])
def test_anonymous_reviews_are_taken_where_no_real_name_is_asked_for(take: Take, programme: str, taken: bool) -> None:
    report = take("reviews", bad_review(programme=programme, anonymityFlag="1"))
    if not taken:
        assert report.refused == [(1, "anonymityFlag：本方案实行实名评价")]
        return
    assert (report.opened, report.refused) == (1, [])
    stored, case = db.session.scalars(select(Review)).one(), db.session.scalars(select(Case)).one()
    assert stored.reviewer is case.reviewer is None
    assert stored.is_anonymous
    assert case.is_anonymous


@pytest.mark.clause("C3")
@pytest.mark.parametrize("rows", [[review()], [bad_review()], [bad_review(writingEvaluation="")]])
def test_a_repeated_import_adds_nothing(take: Take, rows: list[dict[str, str]]) -> None:
    twice = take("reviews", *rows, *rows)
    assert (twice.added, twice.known, twice.refused) == (1, 1, [])
    again = take("reviews", *rows, suffix=".jsonl")
    assert (again.added, again.known, again.opened, again.refused) == (0, 1, 0, [])
    assert count(Review) == 1


@pytest.mark.clause("C3")
@pytest.mark.parametrize(
    "other", [{"satisfaction": "4", "evalDetail": "406"}, {"writingEvaluation": "改口了"}, {"anonymityFlag": "1"}, {"pf": "3"}]
)
def test_another_review_of_the_same_service_is_refused_in_one_file_and_later(take: Take, other: dict[str, str]) -> None:
    report = take("reviews", review(), review() | other)
    assert (report.added, report.refused) == (1, [(2, TWICE)])
    assert take("reviews", bad_review()).refused == [(1, TWICE)]
    assert count(Case) == 0


@pytest.mark.clause("C3")
def test_one_later_addition_is_taken_and_a_bad_one_opens_a_case(take: Take) -> None:
    report = take("reviews", review(), bad_review(assessNumber="2"), bad_review(assessNumber="2", evalDetail="110"))
    assert (report.added, report.opened, report.refused) == (2, 1, [(3, TWICE)])
    assert db.session.scalars(select(Case.sequence)).one() == 2


@pytest.fixture
def failing() -> Iterator[None]:
    """Let every case of GC fail to open, after it was stored."""

    def fail(event: BadReviewReceived) -> None:
        if event.programme == "gc":
            raise EngineFault("图形不能继续。")

    events._listeners[BadReviewReceived].append(fail)
    yield
    events._listeners[BadReviewReceived].remove(fail)


@pytest.mark.usefixtures("failing")
def test_when_a_case_cannot_be_opened_its_review_is_not_stored_and_the_rest_stand(take: Take) -> None:
    report = take("reviews", review(programme="xs"), bad_review(programme="gc"), bad_review())
    assert (report.added, report.opened, report.refused) == (2, 1, [(2, "图形不能继续。")])
    assert set(db.session.scalars(select(Review.programme))) == {"xs", "zb"}
    assert db.session.scalars(select(Case.programme)).all() == ["zb"]


@pytest.mark.clause("C6")
@pytest.mark.parametrize(
    ("assessed", "late"),
    [("2025-04-09 23:59:59", False), ("2025-04-10 00:00:00", True)],  # 清明 lies between: 2, 3, 7, 8 and 9 April count
)
def test_zb_marks_what_comes_after_five_working_days_and_keeps_it(take: Take, assessed: str, late: bool) -> None:
    assert take("reviews", review(assessTime=assessed), review(programme="xs", assessTime=assessed)).added == 2
    found = db.session.execute(select(Review.programme, Review.is_late).order_by(Review.programme)).all()
    assert found == [("xs", False), ("zb", late)]


@pytest.mark.clause("C5")
@pytest.mark.parametrize(("typed_in", "late"), [("2025-04-09 23:00", False), ("2025-04-10 00:00", True)])
def test_a_comment_card_counts_by_when_it_was_typed_in(take: Take, clock: VirtualClock, typed_in: str, late: bool) -> None:
    clock.set(datetime.fromisoformat(typed_in).replace(tzinfo=SHANGHAI))
    assert take("reviews", review(pf="", channel="card", typedBy="s2")).added == 1
    assert db.session.scalars(select(Review.is_late)).one() is late


def test_a_review_lies_in_the_month_of_the_service_however_late_it_comes(take: Take) -> None:
    take("reviews", review(programme="xs", assessTime="2025-09-01 09:00:00"))
    assert db.session.scalar(text("select tableoid::regclass::text from reviews")) == "reviews_y2025m04"


@pytest.mark.clause("P1")
def test_nothing_that_names_a_reviewer_stands_readable_anywhere_in_the_database(take: Take) -> None:
    said = "我是住在南门桥头的老住户，反映多次。"
    assert take("reviews", bad_review(writingEvaluation=said)).opened == 1
    dump = everything()
    assert "P1" in dump
    for secret in ("欧阳甲乙", "15410000001", "990001198001010015", said):
        assert secret not in dump
        assert secret.encode().hex() not in dump
    stored = db.session.scalars(select(Review)).one()
    values = {name: getattr(stored, name) for name in ("programme", "record", "visit", "sequence")}
    assert load_vault(config().key_file).open(stored.words or b"", words_place(values)) == said


def everything() -> str:
    """Return every row of every table as the database writes it; bytes come in hexadecimal."""
    tables = db.session.scalars(text("select tablename from pg_tables where schemaname = 'public'")).all()
    return "\n".join(
        str(row) for table in tables for row in db.session.scalars(text(f'select t::text from "{table}" t')) if row is not None
    )
