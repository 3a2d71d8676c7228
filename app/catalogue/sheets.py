"""What hangs at a window or terminal: a sheet of A4 with its QR code, typeset as PDF. ZB 1, SX 十."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pylopdf_fonts_zh_cn as fonts
import segno
import typst

from app.catalogue.links import WINDOW, Link, sign_link
from app.catalogue.queries import Facts, department_names

TEMPLATE = Path(__file__).with_name("sheets.typ")
# The kinds of entries that have a code of their own.
KINDS = ("window", "terminal")


@dataclass(frozen=True)
class Sheet:
    """One sheet: whose name stands on it, and the address that its code holds."""

    name: str
    department: str
    address: str


def sheets_of(programme: str, entries: Sequence[Facts], site: str, key: bytes) -> list[Sheet]:
    """Return the sheets of windows and terminals; `site` is the address under which people reach the pages."""
    names = department_names(programme, {each["department"] for each in entries if each["department"]})
    return [
        Sheet(each["name"], names.get(each["department"], ""), address_of(programme, each["kind"], each["code"], site, key))
        for each in entries
    ]


def address_of(programme: str, kind: str, code: str, site: str, key: bytes) -> str:
    """Return where one reviews what a window or terminal did."""
    return f"{site}/r/{sign_link(Link(WINDOW, programme, (kind, code)), key)}"


def code_of(address: str) -> str:
    """Return the QR code of an address as SVG; a quarter of it may be worn off or stuck over."""
    drawn = io.BytesIO()
    segno.make(address, error="q", micro=False, boost_error=False).save(drawn, kind="svg", border=4, xmldecl=False)
    return drawn.getvalue().decode()


def typeset(sheets: Sequence[Sheet]) -> bytes:
    """Return the sheets as one PDF, a page each; names are data of the template, never part of its text."""
    data = [{"name": each.name, "department": each.department, "code": code_of(each.address)} for each in sheets]
    return typst.compile(
        TEMPLATE, format="pdf", sys_inputs={"sheets": json.dumps(data, ensure_ascii=False)},
        font_paths=[fonts.sans_path().parent], ignore_system_fonts=True,
    )  # fmt: skip
