"""Files outside the database: what is taken, what a scanner says, how they lie on disk, and how they go."""

from __future__ import annotations

import os
import stat
import zipfile
from io import BytesIO
from pathlib import Path

import pytest

from app.casework.errors import AttachmentUnknown, FileInfected, FileRefused, ScannerSilent
from app.casework.files import LARGEST, fetch, kind_of, scan, store, sweep

PNG = b"\x89PNG\r\n\x1a\n" + bytes(20)
PDF = b"%PDF-1.7\n"


def office(*parts: str) -> bytes:
    file = BytesIO()
    with zipfile.ZipFile(file, "w") as document:
        for part in ("[Content_Types].xml", *parts):
            document.writestr(part, "x")
    return file.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("照片.JPG", b"\xff\xd8\xff\xe0" + bytes(9), "jpeg"),
        ("a.png", PNG, "png"),
        ("a.webp", b"RIFF0000WEBPVP8 ", "webp"),
        ("通知.pdf", PDF, "pdf"),
        ("a.docx", office("word/document.xml"), "docx"),
        ("a.xlsx", office("xl/workbook.xml"), "xlsx"),
        ("a.pptx", office("ppt/presentation.xml"), "pptx"),
    ],
)
def test_a_file_is_what_its_content_says(name: str, content: bytes, kind: str) -> None:
    assert kind_of(name, content) == kind


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.png", b"", "空的"),
        ("a.pdf", PDF + bytes(LARGEST), "超过 10 MB"),
        ("a.html", b"<script>alert(1)</script>", "只收"),
        ("a.svg", b"<svg onload=alert(1)>", "只收"),
        ("a.exe", b"MZ" + bytes(50), "只收"),
        ("a.pdf", PNG, "与内容不符"),
        ("a.docm", office("word/document.xml", "word/vbaProject.bin"), "只收"),
        ("a.zip", office("other/part"), "只收"),
        ("a.docx", b"PK\x03\x04" + bytes(50), "只收"),
    ],
)
def test_anything_else_is_refused_with_what_is_taken(name: str, content: bytes, said: str) -> None:
    with pytest.raises(FileRefused, match=said):
        kind_of(name, content)


def scanner(tmp_path: Path, body: str) -> str:
    path = tmp_path / "scanner"
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o700)
    return str(path)


def test_a_scanner_lets_through_or_refuses_and_silence_is_no_consent(tmp_path: Path) -> None:
    assert scan(PDF, None) is False
    assert scan(PDF, scanner(tmp_path, "! grep -q EICAR")) is True
    with pytest.raises(FileInfected):
        scan(b"EICAR", scanner(tmp_path, "! grep -q EICAR"))
    with pytest.raises(ScannerSilent):
        scan(PDF, scanner(tmp_path, "exit 2"))
    with pytest.raises(ScannerSilent):
        scan(PDF, "/nowhere/clamdscan")


def test_on_disk_a_file_is_unreadable_to_others_and_to_who_has_no_key(tmp_path: Path) -> None:
    name, key = store(tmp_path / "files", "欧阳甲乙".encode())
    path = tmp_path / "files" / name
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "欧阳甲乙".encode() not in path.read_bytes()
    assert fetch(tmp_path / "files", name, key).decode() == "欧阳甲乙"
    with pytest.raises(AttachmentUnknown):
        fetch(tmp_path / "files", "0" * 32, key)


def test_what_no_row_speaks_of_is_swept_once_it_is_old(tmp_path: Path) -> None:
    kept, gone, fresh = (store(tmp_path, b"x")[0] for _ in range(3))
    for name in (kept, gone):
        os.utime(tmp_path / name, (1000, 1000))
    assert sweep(tmp_path, [kept], 2000) == 1
    assert {path.name for path in tmp_path.iterdir()} == {kept, fresh}
    assert sweep(tmp_path / "nowhere", [], 2000) == 0
