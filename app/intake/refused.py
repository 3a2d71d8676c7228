"""The refused rows of a file, in a file of the same form beside it: to be mended and taken in again."""

from __future__ import annotations

import filecmp
import os
from collections.abc import Mapping
from pathlib import Path

from app.errors import Unavailable
from app.intake.sources import Source


class RefusedNotWritten(Unavailable):
    """There is no place for the refused rows; all others are in."""

    code = "refused_not_written"


def write_refused_file(source: Source, path: Path, reasons: Mapping[int, str]) -> Path:
    """Write the rows of these numbers with their reasons into `<stem>-refused.<ext>`; return where.

    It holds personal data, so it is its owner's alone. It appears whole or not at all;
    an earlier one, in which somebody may be mending rows, is set aside as `…~`.

    Raises:
        RefusedNotWritten: the folder takes no file.
    """
    target = path.with_name(f"{path.stem}-refused{source.suffix}")
    part = target.with_name(f".{target.name}.part")
    told = ((line, f"第 {line.number} 行：{reasons[line.number]}") for line in source.lines() if line.number in reasons)
    try:
        part.unlink(missing_ok=True)
        part.touch(mode=0o600)
        source.write_refused(part, told)
        if target.exists() and not filecmp.cmp(part, target, shallow=False):
            target.replace(f"{target}~")
        os.replace(part, target)
    except OSError as error:
        raise RefusedNotWritten(
            f"被拒绝的 {len(reasons)} 行写不进 {target}（其余各行已导入）。请检查文件夹权限后重新导入。"
        ) from error
    return target
