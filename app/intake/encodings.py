"""What a file is written in: found out by looking at all of it, once, together with what identifies it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from app.intake.files import FileUnreadable

UTF8, GB18030 = "utf-8", "gb18030"
MARK = b"\xef\xbb\xbf"
UTF16 = (b"\xff\xfe", b"\xfe\xff")
# No honest row is longer. The rest of a longer line is passed over, so that memory stays bounded.
LONGEST_LINE = 1024 * 1024


@dataclass(frozen=True)
class Writing:
    """How a text file is written. `lines` counts its lines, an unfinished last one too."""

    encoding: str
    has_mark: bool
    lines: int


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a file's content.

    Raises:
        FileUnreadable: it is missing, or no file.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise FileUnreadable(f"文件 {path.name} 不存在或打不开。") from error


def writing_of(path: Path) -> Writing:
    """Return how a text file is written: UTF-8 if all of it is, else GB18030.

    One spoilt byte does not turn the other rows into something else: where most lines
    with more than ASCII are UTF-8, which no other encoding is by chance, the file is.

    Raises:
        FileUnreadable: it is UTF-16.
    """
    lines = wide = broken = 0
    with path.open("rb") as file:
        head = file.read(3)
        if head.startswith(UTF16):
            raise FileUnreadable(f"文件 {path.name} 是 UTF-16（Excel 的“Unicode 文本”）。请另存为“CSV UTF-8”或 XLSX 再导入。")
        file.seek(0)
        for line in _pieces(file):
            lines += 1
            wide += not line.isascii()
            broken += not _is_utf8(line)
    is_utf8 = head == MARK or not broken or 2 * broken < wide
    return Writing(UTF8 if is_utf8 else GB18030, head == MARK, lines)


def read_lines(path: Path, writing: Writing) -> Iterator[str]:
    """Yield the lines with their ends. Bytes that are no text come as surrogates: their row alone is refused."""
    with path.open("rb") as file:
        if writing.has_mark:
            file.seek(len(MARK))
        for line in _pieces(file):
            yield line.decode(writing.encoding, "surrogateescape")


def is_text(text: str) -> bool:
    """Whether a text is whole: no byte that could not be read, no half of a character."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    while line := file.readline(LONGEST_LINE):
        rest = line
        while len(rest) == LONGEST_LINE and not rest.endswith(b"\n"):
            rest = file.readline(LONGEST_LINE)
        yield line


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True
