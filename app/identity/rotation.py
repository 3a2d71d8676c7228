"""Sealing everything anew with the newest key, in batches; a run that was killed is simply run again.

What is left to do is what still bears an older key's number, so nothing has to be noted
on the way. The blind index has a key of its own, which is not rotated: it would need
every certificate in plain at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, LargeBinary, MetaData, Select, Table, bindparam, func, select, tuple_, type_coerce, update

from app.db import db
from app.identity.sealed import SealedJson, SealedText
from app.identity.vault import Vault

BATCH = 500
Place = Callable[[Mapping[str, Any]], str]


@dataclass(frozen=True)
class Encrypted:
    """A column of ciphertext, and for which place each row's value is sealed."""

    table: Table
    column: str
    place: Place

    @property
    def key(self) -> tuple[str, ...]:
        """The names of the primary key's columns."""
        return tuple(column.name for column in self.table.primary_key)

    @property
    def raw(self) -> ColumnElement[bytes]:
        """The stored bytes, not opened on their way out."""
        return type_coerce(self.table.c[self.column], LargeBinary)


def sealed_columns(metadata: MetaData) -> Iterator[Encrypted]:
    """Yield the columns that seal and open by themselves."""
    for table in metadata.sorted_tables:
        for column in table.columns:
            if isinstance(column.type, SealedText | SealedJson):
                yield Encrypted(table, column.name, _always(column.type.place))


def _always(place: str) -> Place:
    return lambda _row: place


def reseal(column: Encrypted, vault: Vault, after: tuple[Any, ...] | None) -> tuple[Any, ...] | None:
    """Seal one batch anew, beginning after a key; return the last key of it, or None when there was nothing more.

    The rows stay locked until the transaction ends: nobody's newer value is overwritten.
    """
    rows = db.session.execute(_old(column, vault, after)).mappings().all()
    if not rows:
        return None
    new = [_sealed_anew(column, dict(row), vault) for row in rows]
    keys = [column.table.c[name] == bindparam(f"key_{name}") for name in column.key]
    statement = update(column.table).where(*keys).values({column.column: bindparam("sealed", type_=LargeBinary)})
    db.session.connection().execute(statement, new)
    return tuple(rows[-1][name] for name in column.key)


def _old(column: Encrypted, vault: Vault, after: tuple[Any, ...] | None) -> Select[Any]:
    columns = [each for each in column.table.columns if not isinstance(each.type, SealedText | SealedJson)]
    key = [column.table.c[name] for name in column.key]
    query = select(*columns, column.raw.label("was_sealed")).where(_is_old(column, vault)).order_by(*key).limit(BATCH)
    if after is not None:
        last = (bindparam(None, value, type_=each.type) for each, value in zip(key, after, strict=True))
        query = query.where(tuple_(*key) > tuple_(*last))
    return query.with_for_update()


def _is_old(column: Encrypted, vault: Vault) -> ColumnElement[bool]:
    newest = max(vault.keys).to_bytes(2)
    return (func.length(column.raw) > 0) & (func.substring(column.raw, 1, 2) != newest)


def _sealed_anew(column: Encrypted, row: Mapping[str, Any], vault: Vault) -> dict[str, Any]:
    place = column.place(row)
    sealed = vault.seal(vault.open(bytes(row["was_sealed"]), place), place)
    return {f"key_{name}": row[name] for name in column.key} | {"sealed": sealed}


def keys_in_use(columns: list[Encrypted]) -> set[int]:
    """Return the numbers of all keys that something is sealed with."""
    found: set[int] = set()
    for column in columns:
        number = func.substring(column.raw, 1, 2)
        values = db.session.scalars(select(number).where(func.length(column.raw) > 0).distinct())
        found |= {int.from_bytes(bytes(each)) for each in values}
    return found
