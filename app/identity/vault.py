"""Encryption of reviewers' data: AES-256-GCM, key outside the database, blind index for look-up."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import re
import secrets
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from app.errors import Unavailable


class KeyMissing(Unavailable):
    """The key of reviewers' data is not where it should be."""

    code = "key_missing"


class CiphertextBroken(Unavailable):
    """A stored value does not belong to its place, or was changed."""

    code = "ciphertext_broken"


@dataclass(frozen=True, repr=False)
class Vault:
    """Encrypts and decrypts with the newest key; older keys still open old values."""

    keys: dict[int, bytes]
    index_key: bytes

    def seal(self, value: str, place: str) -> bytes:
        """Encrypt a value for one place (`table.column.key`); it opens nowhere else."""
        number = max(self.keys)
        nonce = os.urandom(12)
        return number.to_bytes(2) + nonce + AESGCM(self.keys[number]).encrypt(nonce, value.encode(), place.encode())

    def open(self, sealed: bytes, place: str) -> str:
        """Return the value.

        Raises:
            CiphertextBroken: it was sealed for another place, or changed.
        """
        number, nonce, body = int.from_bytes(sealed[:2]), sealed[2:14], sealed[14:]
        try:
            return AESGCM(self.keys[number]).decrypt(nonce, body, place.encode()).decode()
        except (InvalidTag, KeyError, ValueError) as error:
            raise CiphertextBroken("加密数据与所在位置不符或已被改动，无法打开。") from error

    def index(self, programme: str, value: str) -> str:
        """Return the keyed digest under which a person is found again."""
        return hmac.new(self.index_key, f"{programme}\0{value}".encode(), hashlib.sha256).hexdigest()


def load_vault(path: Path) -> Vault:
    """Return the keys of a file; it is read again when it has changed, so that a new key is known everywhere at once.

    Raises:
        KeyMissing: the file is not there, not readable, or not a key file.
    """
    try:
        found = path.stat()
        return _read(path, found.st_mtime_ns, found.st_ino)
    except OSError as error:
        raise KeyMissing(f"找不到评价人数据的密钥 {path}。请从备份恢复，或在新装时运行 install。") from error


@lru_cache(maxsize=8)
def _read(path: Path, _changed: int, _file: int) -> Vault:
    stored = read_keys(path)
    try:
        keys = {int(number): bytes.fromhex(key) for number, key in stored["keys"].items()}
        return Vault(keys, bytes.fromhex(stored["index_key"]))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise KeyMissing(f"评价人数据的密钥 {path} 已损坏。请从备份恢复。") from error


def read_keys(path: Path) -> dict[str, Any]:
    """Return what a key file holds: `keys` by number and `index_key` in hex, and since when each later key is.

    Raises:
        KeyMissing: it is no JSON object.
    """
    try:
        stored: dict[str, Any] = json.loads(path.read_text())
        return stored | {}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise KeyMissing(f"评价人数据的密钥 {path} 已损坏。请从备份恢复。") from error


def make_key(path: Path) -> None:
    """Write a first key unless there is one; readable by this user alone."""
    if path.exists():
        return
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    body = json.dumps({"keys": {"1": secrets.token_hex(32)}, "index_key": secrets.token_hex(32)})
    fresh = path.with_suffix(f".{os.getpid()}")
    fresh.touch(mode=0o600)
    fresh.write_text(body)
    try:
        os.link(fresh, path)  # Two installers at once: the first one's key counts.
    except FileExistsError:
        pass
    finally:
        fresh.unlink()


def mask_name(name: str) -> str:
    """Return a name as colleagues see it: 张**."""
    return name[:1] + "**" if name else ""


# Mobile and certificate numbers in running text, also with blanks or dashes between their groups.
_PHONE = re.compile(r"(?<!\d)(1\d{2})[ -]?\d{4}[ -]?(\d{4})(?!\d)")
_CERTIFICATE = re.compile(r"(?<!\d)(\d{6})\d{8}\d{3}[\dXx](?![\dXx])")


def mask_text(text: str, name: str) -> str:
    """Return what somebody wrote without their own name, and without phone and certificate numbers."""
    shown = text.replace(name, mask_name(name)) if name else text
    return _PHONE.sub(r"\1****\2", _CERTIFICATE.sub(r"\1************", shown))


def mask_phone(phone: str) -> str:
    """Return a number as colleagues see it: 138****1234."""
    return f"{phone[:3]}****{phone[-4:]}" if len(phone) >= 7 else "****"
