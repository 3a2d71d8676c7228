"""Which layers a programme's calendar is made of, as its bundle says."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from app.calendars.errors import ProgrammeHasNoCalendar, ProgrammeUnknown


def layers_of(bundles: Path, code: str) -> tuple[str, ...]:
    """Return the layers of the programme `bundles/<code>/programme.toml`, lowest first.

    The code may be written in capitals.

    Raises:
        ProgrammeUnknown: no bundle of this code.
        ProgrammeHasNoCalendar: the bundle cannot be read or names no layer.
    """
    path = bundles / code.lower() / "programme.toml"
    # The code comes from outside: nothing but a folder's name may reach the file system.
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]{0,30}", code) or not path.is_file():
        raise ProgrammeUnknown(f"没有代码为“{code[:40]}”的方案")
    try:
        layers = tomllib.loads(path.read_text("utf-8")).get("calendar")
    except ValueError:
        raise ProgrammeHasNoCalendar(f"方案{code}的programme.toml读不懂") from None
    if not isinstance(layers, list) or not layers or not all(isinstance(layer, str) for layer in layers):
        raise ProgrammeHasNoCalendar(f'方案{code}没有写明日历，应写作calendar = ["national"]')
    return tuple(layers)


def layers_in_use(bundles: Path) -> set[str]:
    """Return the layers that at least one bundle runs on."""
    codes = [path.parent.name for path in bundles.glob("*/programme.toml")]
    return {layer for code in codes for layer in layers_of(bundles, code)}
