"""The rows of an inbox as a workbook to take along: what the page shows and no more. That it was taken is on the record."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from io import BytesIO

from openpyxl import Workbook

from app.audit.record import record
from app.cases.worklist import Line
from app.clock import SHANGHAI
from app.identity.actor import Actor, act_of
from app.intake.models import LEVEL_NAMES
from app.intake.sheet_source import text_cell

# More is read by the API, page by page.
MOST = 1000
# Heads, each with the width of its column in figures.
COLUMNS = {
    **{"工单号": 18, "剩余时间": 22, "截止": 20, "事项": 30, "窗口": 18, "当前环节": 18},
    **{"评价": 12, "主要原因": 30, "原话": 60, "承办": 12},
}


def export_inbox(actor: Actor, lines: Sequence[Line], now: datetime) -> bytes:
    """Return the workbook (XLSX), marked with who took it and when; it is written down that they did."""
    record(f"exports:{actor.programme}", act_of(actor, "export_inbox", {"rows": len(lines)}), now)
    book = Workbook(write_only=True)
    sheet = book.create_sheet("待办")
    for width, letter in zip(COLUMNS.values(), "ABCDEFGHIJ", strict=True):
        sheet.column_dimensions[letter].width = width
    sheet.freeze_panes = "A2"
    mark = f"{now.astimezone(SHANGHAI):%Y-%m-%d %H:%M} 由 {actor.name}（{actor.login}）导出，只供办理使用"
    sheet.oddFooter.center.text = mark.replace("&", "&&")  # there an ampersand begins a code
    for row in (list(COLUMNS), *map(_row, lines), [mark]):
        sheet.append([text_cell(sheet, text) for text in row])
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def _row(line: Line) -> list[str]:
    person = line.entry.person if line.entry.is_taken else "待认领"
    reasons = "；".join(line.reasons)
    return [
        line.entry.number, line.left.words, line.left.moment, line.item or "投诉件", line.window, line.entry.name,
        LEVEL_NAMES[line.level] if line.level else "", reasons, line.words, person,
    ]  # fmt: skip
