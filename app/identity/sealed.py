"""Columns that are encrypted on their way into the database and opened on their way out.

For what officials write in their own words (forms, grounds, evidence, purposes): they
may name a reviewer in it, so no table, dump or replica holds it in plain. The key stays
outside the database; `use_keys` tells an engine where.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, LargeBinary
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

from app.errors import Unavailable
from app.identity.vault import Vault, load_vault

# By dialect, of which each engine has its own: two applications in one process keep their keys apart.
_key_files: WeakKeyDictionary[Dialect, Path] = WeakKeyDictionary()


class KeysNotGiven(Unavailable):
    """An engine was never told where its keys are."""

    code = "keys_not_given"


def use_keys(engine: Engine, key_file: Path) -> None:
    """Let an engine seal and open with the keys of a file; the file is read when first needed, and when it changes."""
    _key_files[engine.dialect] = key_file


def _vault(dialect: Dialect) -> Vault:
    if dialect not in _key_files:
        raise KeysNotGiven("没有为这个数据库连接指定评价人数据的密钥。")
    return load_vault(_key_files[dialect])


class SealedText(TypeDecorator[str]):
    """A text, sealed for its column (`table.column`)."""

    impl = LargeBinary
    cache_ok = True

    def __init__(self, place: str) -> None:
        super().__init__()
        self.place = place

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:
        """Seal a value with the newest key."""
        return None if value is None else _vault(dialect).seal(value, self.place)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> str | None:
        """Open a value with the key it was sealed with."""
        return None if value is None else _vault(dialect).open(bytes(value), self.place)


class SealedJson(TypeDecorator[Any]):
    """A JSON value, sealed for its column (`table.column`)."""

    impl = LargeBinary
    cache_ok = True

    def __init__(self, place: str) -> None:
        super().__init__()
        self.place = place

    def process_bind_param(self, value: Any, dialect: Dialect) -> bytes | None:
        """Seal a value with the newest key."""
        return None if value is None else _vault(dialect).seal(json.dumps(value, ensure_ascii=False), self.place)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> Any:
        """Open a value with the key it was sealed with."""
        return None if value is None else json.loads(_vault(dialect).open(bytes(value), self.place))
