"""The key file: a new key comes in, an old one goes, and at no moment is there half a file."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from app.errors import Conflict
from app.identity.vault import read_keys

# Longer than any import lasts: one that began before the newest key still seals with the one before it.
IN_USE_FOR = timedelta(days=1)


class KeyInUse(Conflict):
    """A key cannot be dropped: something is still sealed with it, or may be soon."""

    code = "key_in_use"


def add_key(path: Path, now: datetime) -> int:
    """Add a new key to the file and return its number; from now on it seals. The older ones still open.

    Raises:
        KeyMissing: there is no key file yet.
    """
    with _alone(path):
        stored = read_keys(path)
        number = max(map(int, stored["keys"])) + 1
        stored["keys"][str(number)] = secrets.token_hex(32)
        stored["since"] = stored.get("since", {}) | {str(number): now.isoformat()}
        _replace(path, stored)
    return number


def drop_keys(path: Path, numbers: set[int], now: datetime) -> None:
    """Drop keys that nothing is sealed with, as the caller has found out. Backups from before cannot be read any more.

    Raises:
        KeyInUse: the newest key, or one that was the newest less than a day ago.
    """
    with _alone(path):
        stored = read_keys(path)
        newest = max(map(int, stored["keys"]))
        since = stored.get("since", {}).get(str(newest))
        if newest in numbers or since is None or now < datetime.fromisoformat(since) + IN_USE_FOR:
            raise KeyInUse("旧密钥要在新密钥启用满一天后才能停用：在此之前开始的导入可能还在用它。")
        stored["keys"] = {number: key for number, key in stored["keys"].items() if int(number) not in numbers}
        _replace(path, stored)


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Let one process at a time change the file; the lock goes with the process, also when it is killed."""
    lock = os.open(path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def _replace(path: Path, stored: dict[str, Any]) -> None:
    """Write a whole new file, on disk before it takes the old one's place."""
    fresh = path.with_suffix(".fresh")
    fresh.unlink(missing_ok=True)
    file = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(file, json.dumps(stored).encode())
        os.fsync(file)
    finally:
        os.close(file)
    fresh.rename(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
