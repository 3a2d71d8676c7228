"""What the storing of one chunk of rows needs: its report, the vault, the moment, the rules of its programmes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import Executable, Table

from app.db import bare_connection, db
from app.errors import AppError
from app.events import publish
from app.identity.vault import Vault
from app.intake.events import BadReviewReceived
from app.intake.files import Report, refuse
from app.programmes.rules import Rules
from app.programmes.versions import bundle_of, current_version

Row = dict[str, Any]
Rows = list[tuple[int, Row]]
Later = list[tuple[int, Callable[[datetime], None]]]


# For so few rows a table of the transaction costs more than it saves.
FEW = 8
_EACH = sql.SQL("insert into {target} ({columns}) values ({values}) on conflict do nothing")
_PREPARE = sql.SQL("create temp table {incoming} on commit drop as select {columns} from {target} with no data")
_COPY = sql.SQL("copy {incoming} ({columns}) from stdin")
_INSERT = sql.SQL("insert into {target} ({columns}) select {columns} from {incoming} on conflict do nothing")
_DROP = sql.SQL("drop table {incoming}")


@dataclass(frozen=True)
class Batch:
    """One chunk on its way in.

    `later` collects work that needs a transaction of its own, in the order of the rows;
    each is called with its moment. `is_old`: the rows come from the system before this
    one, which has done with them; what today's rules ask of new ones is not asked of them.
    `only` is the one department whose services the sender may speak of.
    """

    report: Report
    vault: Vault
    now: datetime
    rules: Mapping[str, Rules]
    later: Later = field(default_factory=list)
    is_old: bool = False
    only: str | None = None

    def each(self, rows: Rows, check: Callable[[Row], Row]) -> Rows:
        """Return what a check makes of the rows; a refused one is noted and left out."""
        good = []
        for number, row in rows:
            try:
                good.append((number, check(row)))
            except AppError as error:
                refuse(self.report, number, error)
        return good


def store_with_case(statement: Executable, event: Callable[[Any], BadReviewReceived], number: int, report: Report) -> None:
    """Store one row and open its case: both or neither, and no other row is touched.

    `statement` returns the new row's key, or nothing when it is there already; `event` makes of the key what is told.
    """
    try:
        with db.session.begin_nested():
            key = db.session.execute(statement).scalar()
            if key is None:
                report.known += 1
                return
            publish(event(key))
    except AppError as error:
        refuse(report, number, error)
        return
    report.added += 1
    report.opened += 1


def rules_of(rows: Rows, report: Report) -> tuple[Rows, dict[str, Rules]]:
    """Return the rows whose programme there is, and the rules of these programmes; the others are refused."""
    rules: dict[str, Rules] = {}
    unknown: dict[str, AppError] = {}
    for programme in _in_order(row["programme"] for _, row in rows):
        try:
            rules[programme] = bundle_of(current_version(programme)).rules
        except AppError as error:
            unknown[programme] = error
    for number, row in rows:
        if row["programme"] in unknown:
            refuse(report, number, unknown[row["programme"]])
    return [(number, row) for number, row in rows if row["programme"] in rules], rules


def _in_order(programmes: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(programmes))


def add_rows(table: Table, rows: list[Row]) -> int:
    """Insert what is not there yet, in the order given; return how many rows that were."""
    if not rows:
        return 0
    with bare_connection() as driver, driver.cursor() as cursor:
        return _add_each(cursor, table, rows) if len(rows) <= FEW else _copy(cursor, table, rows)


def _add_each(cursor: psycopg.Cursor[Any], table: Table, rows: list[Row]) -> int:
    statement = _insert_of(table.name, tuple(rows[0]))
    return sum(cursor.execute(statement, list(row.values())).rowcount for row in rows)


@cache
def _insert_of(table: str, columns: tuple[str, ...]) -> bytes:
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    values = sql.SQL(", ").join([sql.Placeholder()] * len(columns))
    return _EACH.format(target=sql.Identifier(table), columns=names, values=values).as_bytes()


def _copy(cursor: psycopg.Cursor[Any], table: Table, rows: list[Row]) -> int:
    """Copy into a table of the transaction first.

    A statement for each of a thousand rows, or one with a thousand rows of values, takes
    longer to write down than the server takes to run it.
    """
    columns = sql.SQL(", ").join(map(sql.Identifier, rows[0]))
    names = {"columns": columns, "target": sql.Identifier(table.name), "incoming": sql.Identifier(f"incoming_{table.name}")}
    cursor.execute(_PREPARE.format(**names))
    with cursor.copy(_COPY.format(**names)) as copy:
        for row in rows:
            copy.write_row(list(row.values()))
    added = cursor.execute(_INSERT.format(**names)).rowcount
    cursor.execute(_DROP.format(**names))
    return added
