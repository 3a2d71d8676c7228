"""A real Chromium that looks at the site as it is served; every page it opens is watched."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread

import pytest
from api.conftest import open_session
from cases.conftest import city, make_case  # noqa: F401  fixtures
from flask import Flask
from intake.conftest import catalogue, take  # noqa: F401  fixtures
from playwright.sync_api import Browser, BrowserContext, Page, Response, expect, sync_playwright
from revisits.conftest import month  # noqa: F401  a fixture
from sqlalchemy import select
from werkzeug.serving import make_server

from app.clock import VirtualClock
from app.config import ROOT
from app.db import unit_of_work
from app.identity.models import Account
from app.pages.guard import COOKIE

DESKTOP, PHONE, ZOOMED = (1440, 900), (360, 740), (720, 450)
# Milliseconds: far longer than a page of ours takes, far shorter than anybody waits.
PATIENCE = 15_000
AXE = (ROOT / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
NAMES = ("chromium", "chromium-browser", "google-chrome")


def chromium() -> str:
    """Return a Chromium: from the PATH, else from Debian when we may install, else say in one line what to run."""
    found = next((path for path in map(shutil.which, NAMES) if path), None)
    if found is None and os.geteuid() == 0 and shutil.which("apt-get"):
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for words in (("update",), ("install", "--yes", "--no-install-recommends", "chromium", "fonts-noto-cjk")):
            subprocess.run(["apt-get", "-qq", *words], check=True, env=environment, stdout=subprocess.DEVNULL)
        found = shutil.which("chromium")
    if found is None:
        pytest.exit("浏览器测试需要 Chromium：请以 root 运行 apt-get install chromium。", 1)
    return found


# Of one module: while it runs, Playwright holds an event loop that others would stumble over.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        yield launched
        launched.close()


@pytest.fixture
def site(database: Flask) -> Iterator[str]:
    """Serve the application on a free port; return its address."""
    server = make_server("127.0.0.1", 0, database, threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@dataclass
class Watched:
    """A page and all that went wrong on it."""

    page: Page
    site: str
    wrong: list[str] = field(default_factory=list)
    answers: list[Response] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", lambda said: self.wrong.append(said.text) if said.type in {"error", "warning"} else None)
        self.page.on("pageerror", lambda error: self.wrong.append(str(error)))
        self.page.on("response", lambda answer: self.answers.append(answer))

    def open(self, path: str) -> Page:
        """Open a page of the site; what was loaded before is forgotten."""
        self.answers.clear()
        self.page.goto(self.site + path)
        return self.page

    def transferred(self) -> int:
        """Return how many bytes came over the line, once nothing more comes."""
        self.page.wait_for_load_state("networkidle")
        sizes = [answer.request.sizes() for answer in self.answers]
        return sum(each["responseBodySize"] + each["responseHeadersSize"] for each in sizes)

    def barriers(self) -> list[str]:
        """Return what axe finds serious or critical."""
        self.page.evaluate(AXE)
        found = self.page.evaluate("axe.run().then(result => result.violations)")
        grave = [each for each in found if each["impact"] in {"serious", "critical"}]
        return [f"{each['id']}: {node['html'][:160]}" for each in grave for node in each["nodes"]]


Open = Callable[..., Watched]


@pytest.fixture
def visit(browser: Browser, site: str, clock: VirtualClock) -> Iterator[Open]:
    """Return a factory of watched pages, signed in by login or not at all."""
    contexts: list[BrowserContext] = []

    def opened(login: str | None = None, size: tuple[int, int] = DESKTOP) -> Watched:
        context = browser.new_context(viewport={"width": size[0], "height": size[1]}, locale="zh-CN")
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        if login is not None:
            with unit_of_work() as session:
                account = session.scalars(select(Account.id).where(Account.login == login)).one()
            context.add_cookies([{"name": COOKIE, "value": open_session(account, clock), "url": site}])
        return Watched(context.new_page(), site)

    yield opened
    for context in contexts:
        context.close()


def picture(watched: Watched, name: str) -> None:
    """Keep a picture of the page where one is asked for: `BIHUAN_PICTURES` names the folder."""
    if folder := os.environ.get("BIHUAN_PICTURES"):
        watched.page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)
