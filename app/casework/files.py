"""Files outside the database: what kinds are taken, looked through for viruses, encrypted on disk with a key each."""

from __future__ import annotations

import os
import secrets
import subprocess
import zipfile
from collections.abc import Iterable
from io import BytesIO
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from app.casework.errors import AttachmentUnknown, FileInfected, FileRefused, ScannerSilent

LARGEST = 10 * 1024 * 1024
SCAN_SECONDS = 30
# Kind → how it is served, and what a name of it ends in.
KINDS = {
    "jpeg": ("image/jpeg", (".jpg", ".jpeg")),
    "png": ("image/png", (".png",)),
    "webp": ("image/webp", (".webp",)),
    "pdf": ("application/pdf", (".pdf",)),
    "docx": ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", (".docx",)),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", (".xlsx",)),
    "pptx": ("application/vnd.openxmlformats-officedocument.presentationml.presentation", (".pptx",)),
}
OFFICE = {"word/": "docx", "xl/": "xlsx", "ppt/": "pptx"}
TAKEN = "JPG、PNG、WebP 图片，PDF，或 Word、Excel、PPT（docx、xlsx、pptx）"


def kind_of(name: str, content: bytes) -> str:
    """Return what kind a file is by its content; its name must say the same.

    Raises:
        FileRefused: empty, too large, of another kind, with macros, or named as what it is not.
    """
    if not content:
        raise FileRefused("这个文件是空的，请重新选择。")
    if len(content) > LARGEST:
        raise FileRefused(f"文件超过 {LARGEST // 1024 // 1024} MB，请压缩后再传。")
    kind = _by_content(content)
    if kind is None:
        raise FileRefused(f"只收 {TAKEN}。")
    if not name.lower().endswith(KINDS[kind][1]):
        raise FileRefused(f"文件名与内容不符：内容是 {kind}，请改好扩展名再传。")
    return kind


def _by_content(content: bytes) -> str | None:
    if content.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        return "webp"
    if content.startswith(b"%PDF-"):
        return "pdf"
    return _office(content) if content.startswith(b"PK\x03\x04") else None


def _office(content: bytes) -> str | None:
    """Return which Office document a zip is by its parts, without unpacking any; one with macros is none."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as document:
            parts = document.namelist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return None
    if "[Content_Types].xml" not in parts or any("vbaProject" in part for part in parts):
        return None
    return next((kind for start, kind in OFFICE.items() if any(part.startswith(start) for part in parts)), None)


def scan(content: bytes, command: str | None) -> bool:
    """Let a virus scanner look at a file on its standard input; return whether there is one at all.

    It ends with 0 when the file is clean and with 1 when it is not, as clamscan and clamdscan do.

    Raises:
        FileInfected: it found something.
        ScannerSilent: it did not come to an answer.
    """
    if command is None:
        return False
    try:
        done = subprocess.run([*command.split(), "-"], input=content, capture_output=True, timeout=SCAN_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ScannerSilent("查毒程序没有回应，文件没有保存。请稍后再传。") from error
    if done.returncode == 1:
        raise FileInfected("查毒发现这个文件有问题，没有保存。请换一个文件。")
    if done.returncode != 0:
        raise ScannerSilent("查毒程序出错，文件没有保存。请稍后再传，或联系技术人员。")
    return True


def store(folder: Path, content: bytes) -> tuple[str, str]:
    """Write a file encrypted, whole and on disk before anything speaks of it; return its name there and its key in hex."""
    name, key, nonce = secrets.token_hex(16), AESGCM.generate_key(256), os.urandom(12)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = folder / f".{name}"
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(nonce + AESGCM(key).encrypt(nonce, content, name.encode()))
        file.flush()
        os.fsync(file.fileno())
    fresh.rename(folder / name)
    return name, key.hex()


def fetch(folder: Path, name: str, key: str) -> bytes:
    """Return what a file holds.

    Raises:
        AttachmentUnknown: it is not there, as after a restore without its folder.
    """
    try:
        stored = (folder / name).read_bytes()
    except FileNotFoundError as error:
        raise AttachmentUnknown("附件的文件不在了，请联系技术人员从备份恢复。") from error
    return AESGCM(bytes.fromhex(key)).decrypt(stored[:12], stored[12:], name.encode())


def sweep(folder: Path, known: Iterable[str], before: float) -> int:
    """Delete files of which no row speaks and that are older than a moment (seconds since 1970); return how many."""
    names, gone = set(known), 0
    for path in folder.iterdir() if folder.exists() else ():
        if path.name not in names and path.stat().st_mtime < before:
            path.unlink(missing_ok=True)
            gone += 1
    return gone
