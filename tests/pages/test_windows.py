"""The sheets that hang at windows: whose may be seen by whom, and that their codes lead to the window's page."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import pytest
import segno
from flask import Flask
from intake.conftest import Take

from app.catalogue.sheets import Sheet, address_of, code_of, typeset
from app.cli import config
from app.identity.actor import Role
from app.identity.vault import load_vault
from pages.conftest import Visit, text_of

pytestmark = pytest.mark.usefixtures("catalogue")


def address() -> str:
    return address_of("xs", "window", "w1", "http://127.0.0.1:8000", load_vault(config().key_file).index_key)


@pytest.mark.clause("ZB 1")
def test_a_windows_code_leads_to_its_page(visit: Visit, database: Flask) -> None:
    listed = visit().get("/windows")
    assert "1号窗口 w1 市医疗保障局" in text_of(listed)
    assert address() in listed.text
    assert database.test_client().get(address().removeprefix("http://127.0.0.1:8000")).status_code == 200


def test_the_sheets_are_one_pdf(visit: Visit, take: Take) -> None:
    take(
        "catalogue",
        *({"programme": "xs", "kind": "window", "code": f"v{n}", "name": f"{n}号", "department": "rated"} for n in range(3)),
    )
    whole, one = (visit().get(f"/windows/sheets.pdf{more}") for more in ("", "?code=w1"))
    assert (whole.mimetype, whole.data[:5], one.data[:5]) == ("application/pdf", b"%PDF-", b"%PDF-")
    assert len(whole.data) > len(one.data)
    assert visit().get("/windows/sheets.pdf?code=none").status_code == 404


def test_each_programme_sees_its_own_and_administrators_all(visit: Visit) -> None:
    assert visit().get("/windows?programme=zb").status_code == 404
    admin = visit(Role.SYSTEM_ADMIN)
    assert "西双版纳" in text_of(admin.get("/windows"))
    assert "1号窗口" in text_of(admin.get("/windows?programme=zb"))
    assert admin.get("/windows?kind=staff").status_code == 404
    assert "名录里没有自助终端" in text_of(visit().get("/windows?kind=terminal"))


def test_nobody_sees_it_without_signing_in(database: Flask) -> None:
    assert database.test_client().get("/windows").location.startswith("/sign-in")


def test_the_picture_of_a_code_is_the_code_of_the_address() -> None:
    size, drawn = _modules(code_of(address()))
    wanted = [[bool(dark) for dark in row] for row in segno.make(address(), error="q", micro=False, boost_error=False).matrix]
    assert len(wanted) + 8 == size
    assert drawn == {(x + 4, y + 4) for y, row in enumerate(wanted) for x, dark in enumerate(row) if dark}


def _modules(svg: str) -> tuple[int, set[tuple[int, int]]]:
    """Read the dark modules out of the strokes that draw them."""
    root = ET.fromstring(svg)  # noqa: S314  drawn by ourselves
    path = root.find("{http://www.w3.org/2000/svg}path")
    assert path is not None
    dark, x, y = set[tuple[int, int]](), 0, -0.5
    for kind, numbers in re.findall(r"([Mmh])([-\d. ]+)", path.attrib["d"]):
        moved = [float(number) for number in re.findall(r"-?[\d.]+", numbers)]
        if kind == "h":
            dark |= {(n, int(y)) for n in range(x, x + int(moved[0]))}
            x += int(moved[0])
        else:
            x, y = (int(moved[0]), moved[1]) if kind == "M" else (x + int(moved[0]), y + moved[1])
    return int(root.attrib["width"]), dark


def test_names_are_words_and_no_markup() -> None:
    hostile = Sheet('#panic("x") $ \\ [*', "#import", address())
    assert typeset([hostile])[:5] == b"%PDF-"
