"""Tests of the system itself: migrations, settings, routes, words that must be true."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask

from app import PAGES
from app.calendars.models import CalendarNotice
from app.cases.models import Case
from app.clock import VirtualClock
from app.config import ROOT
from app.db import APPEND_ONLY, db, unit_of_work
from app.installation import owner_engine
from app.programmes.bundle import SHIPPED, Bundle, read_bundle
from app.programmes.models import Programme
from app.programmes.versions import bundle_of, current_version, publish

README = (ROOT / "README.md").read_text(encoding="utf-8")
# What anybody may see: counts, diagrams and the description of the API, no personal data; the door itself,
# and the pages on which the public reviews and sees what came of it.
PUBLIC = {
    "overview.index", "overview.picture", "static", "docs.index", "api-docs.openapi_json", "sessions.enter", "door.enter",
    "door.sign_in_here", "review.show", "review.give", "review.find", "review.step",
    "receipt.show", "receipt.add", "receipt.rate", "receipt.report", "receipt.object_to", "receipt.ask",
    "matters.show", "matters.give", "kiosk.show", "kiosk.give", "kiosk.watch",
}  # fmt: skip


def others(name: str | None) -> bool:
    """Whether a table is not of our models: the queue's, the partitions, the demo's mark."""
    return bool(name) and (
        str(name).startswith("procrastinate_") or "_y2" in str(name) or name in {"alembic_version", "demo_city"}
    )


def test_models_and_migrations_agree(database: Flask) -> None:
    engine = owner_engine(database.extensions["bihuan"]["config"].owner_url)
    options = {
        "include_object": lambda item, name, kind, reflected, other: not (kind == "table" and others(name)),
        "compare_type": True,
    }
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection, opts=options), db.metadata) == []


def test_installing_again_changes_nothing(database: Flask) -> None:
    from app.cli import run_install

    before = db.session.query(CalendarNotice).count(), db.session.query(Programme).count()
    run_install()
    assert (db.session.query(CalendarNotice).count(), db.session.query(Programme).count()) == before


def test_what_must_never_change_is_append_only() -> None:
    assert {"audit_entries", "seals", "calendar_notices", "calendar_days"} <= APPEND_ONLY


def test_every_setting_is_in_the_readme() -> None:
    settings = set(re.findall(r'environ\.get\("([A-Z_]+)"\)', (ROOT / "app" / "config.py").read_text()))
    assert settings
    assert all(f"`{name}`" in README for name in settings)


def test_every_command_of_the_readme_exists(installed_app: Flask) -> None:
    table = README.split("| command | what it does |")[1].split("Settings,")[0]
    named = {name for cell in re.findall(r"^\| (.+?) \| ", table, re.M) for name in re.findall(r"`([a-z-]+)", cell)}
    assert {"import", "deadlines", "audit", "run-all"} <= named
    assert named <= installed_app.cli.commands.keys()


def test_every_picture_of_the_readme_is_there() -> None:
    pictures = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", README)
    assert len(pictures) == len(list(SHIPPED.iterdir())) + 6
    assert all((ROOT / picture).is_file() for picture in pictures)


def test_every_line_of_the_requirements_says_what_needs_it() -> None:
    lines = [line for line in (ROOT / "requirements.in").read_text().splitlines() if line and not line.startswith("#")]
    assert all("  # " in line for line in lines)


def test_every_route_has_a_permission_or_stands_on_the_public_list(installed_app: Flask) -> None:
    endpoints = {rule.endpoint for rule in installed_app.url_map.iter_rules()}
    open_ = {endpoint for endpoint in endpoints if not hasattr(installed_app.view_functions[endpoint], "right")}
    assert open_ == PUBLIC


def test_the_page_shows_the_counts_and_loads_nothing_from_elsewhere(database: Flask) -> None:
    response = database.test_client().get("/")
    assert response.status_code == 200
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]
    assert not re.findall(r'(?:src|href)="(?!/|#)', response.text)
    assert "XS" in response.text


def test_an_error_tells_the_client_nothing_of_the_inside(database: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise RuntimeError("secret table")

    monkeypatch.setattr("app.pages.overview.overview", broken)
    response = database.test_client().get("/")
    assert (response.status_code, "secret" in response.text) == (500, False)
    assert database.test_client().get("/pictures/nope.svg").status_code == 404


def test_a_sixth_programme_is_a_bundle_and_no_code(
    database: Flask, clock: VirtualClock, make_review: Callable[[str], int], tmp_path: Path
) -> None:
    shutil.copytree(SHIPPED / "hk", tmp_path / "sixth")
    rules = (tmp_path / "sixth" / "programme.toml").read_text(encoding="utf-8")
    bundle = Bundle(read_bundle(tmp_path / "sixth").diagram, rules.replace('code = "HK"', 'code = "SY"').encode())
    with unit_of_work():
        publish(bundle, "owner", clock.moment)
    case = make_review("sy")
    assert db.session.get_one(Case, case).number.startswith("SY-2025-")
    assert bundle_of(current_version("sy")).digest == bundle.digest
    with unit_of_work() as session:
        session.query(Programme).filter_by(code="sy").delete()


def test_publishing_the_same_bundle_again_makes_no_new_version(database: Flask, clock: VirtualClock) -> None:
    before = current_version("xs")
    with unit_of_work():
        assert publish(read_bundle(SHIPPED / "xs"), "owner", clock.moment) == before


def test_a_published_version_never_changes(database: Flask) -> None:
    bundle = bundle_of(current_version("gc"))
    assert bundle.digest == read_bundle(SHIPPED / "gc").digest


# What a browser test need not look at: parts of pages, files, what others made, and links that tests make for themselves.
NOT_LOOKED_AT = {
    "page_inbox.counts", "page_messages.count", "page_cases.diagram", "page_casework.download", "page_casework.picture",
    "page_draws.recipe_file", "page_draws.published", "page_audit.export", "page_audit.seal_file",
    "page_programmes.picture", "page_windows.sheets",
    "overview.index", "overview.picture", "docs.index", "receipt.show", "matters.show",
}  # fmt: skip


def test_every_page_is_looked_at_in_a_browser(installed_app: Flask) -> None:
    looked_at = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests" / "browser").glob("*.py"))
    names = {pages.blueprint.name for pages in PAGES}
    ours = (rule for rule in installed_app.url_map.iter_rules() if rule.endpoint.split(".")[0] in names)
    shown = {rule.endpoint: rule.rule.partition("<")[0].rstrip("/") for rule in ours if "GET" in (rule.methods or ())}
    assert [endpoint for endpoint, start in shown.items() if endpoint not in NOT_LOOKED_AT and start not in looked_at] == []
    assert set(shown) >= NOT_LOOKED_AT
