"""Everybody of the demo signs in at the door and lands on what needs doing today."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import expect

from app.cli import import_file
from app.clock import VirtualClock
from app.demo.accounts import PASSWORD, SAMPLES, make_accounts, offered
from app.demo.city import write_city
from app.demo.commands import take_in
from app.demo.recent import play_recent
from app.jobs import work
from browser.conftest import DESKTOP, PHONE, Open, picture

NOW = datetime.fromisoformat("2025-11-12T10:00:00+08:00")
# What the demo's people find on their first page, by the login that the demo prints.
FINDS = {
    "xs-lead-jinghong-1": "待办",
    "xs-civil-1": "待办",
    "xs-civil-head": "待办",
    "xs-civil-window": "对我的差评",
    "xs-affairs-centre-1": "待办",
    "xs-affairs-bureau-leader": "件超期，最早的已超期",
    "xs-affairs-bureau-audit": "工单",
    "xs-affairs-bureau-process": "西双版纳州政务服务“好差评”差评办理",
    "zb-complaint-centre-clerk": "来电",
    "system-admin": "一切正常",
    "security-admin": "账号",
    "audit-admin": "审计记录",
}

# Where these find nothing, nothing waits for them: nobody rated them, and the service is well.
NOTHING_NOW = {"对我的差评", "一切正常"}


def test_everybody_of_the_demo_lands_on_something_to_do(
    database: Flask, clock: VirtualClock, tmp_path: Path, visit: Open
) -> None:
    clock.set(NOW - timedelta(days=30))
    city = write_city(tmp_path, 7)
    take_in("catalogue", city.catalogue, import_file)
    make_accounts(city, clock.moment)
    play_recent(tmp_path, clock, lambda kind, path: take_in(kind, path, import_file), NOW)
    work.beat(clock, "fire_due")
    assert FINDS.keys() == {login for _, login in SAMPLES}
    for login, words in FINDS.items():
        watched = visit()
        page = watched.open("/sign-in")
        page.get_by_label("登录名").fill(login)
        page.get_by_label("密码").fill(PASSWORD)
        page.get_by_role("button", name="登录").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text(words)
        main = page.get_by_role("main")
        assert main.get_by_role("link").or_(main.get_by_role("button")).count() or words in NOTHING_NOW, login
        assert page.get_by_role("navigation", name="主导航").get_by_role("link").count() <= 6, login
        assert watched.wrong == [], login


def test_the_door_of_the_demo_offers_the_posts_of_every_programme(
    database: Flask, clock: VirtualClock, tmp_path: Path, visit: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    city = write_city(tmp_path, 7)
    take_in("catalogue", city.catalogue, import_file)
    make_accounts(city, clock.moment)
    monkeypatch.setitem(database.extensions["bihuan"], "demo_accounts", (SAMPLES, PASSWORD, offered))
    for name, size in (("desktop", DESKTOP), ("phone", PHONE)):
        watched = visit(size=size)
        page = watched.open("/sign-in")
        page.get_by_text("淄博市", exact=False).click()
        picture(watched, f"offered-{name}")
        assert watched.barriers() == []
        assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
        page.get_by_role("button", name="市医疗保障局 负责人").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("待办")
        assert watched.wrong == []
