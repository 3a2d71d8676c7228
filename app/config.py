"""Settings, read once from the environment. What is missing or wrong stops the start."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Config:
    """The settings of one running service.

    `database_url` is the login of the service, `owner_url` the login that owns
    the tables and runs migrations; both None means the embedded server. `site` is the
    address under which people reach the pages. `is_demo` allows the demo's database to be
    served, and has the sign-in page offer its accounts. `scanner` is the command that looks
    through attachments for viruses. `proxies` is how many proxies of one's own pass requests
    on, each adding to `X-Forwarded-For` who asked it: so many are believed, and no other claim.
    """

    instance: Path
    database_url: str | None = None
    owner_url: str | None = None
    echo: bool = False
    site: str = "http://127.0.0.1:8000"
    is_demo: bool = False
    scanner: str | None = None
    proxies: int = 0

    @property
    def is_embedded(self) -> bool:
        """Whether the database is the server under `instance/postgres`."""
        return self.database_url is None

    @property
    def key_file(self) -> Path:
        """Where the key of reviewers' data lies; outside the database (design §5)."""
        return self.instance / "keys" / "reviewers.json"

    @property
    def file_folder(self) -> Path:
        """Where attachments lie, encrypted; outside the database."""
        return self.instance / "files"

    @property
    def deletion_file(self) -> Path:
        """Where deletions that reviewers asked for are noted; outside the database, so that a restored backup forgets again."""
        return self.instance / "deletions" / "deletions.jsonl"

    @property
    def seal_file(self) -> Path:
        """Where the seals of the audit streams are written; outside the database."""
        return self.instance / "seals" / "seals.jsonl"


def load_config(environ: Mapping[str, str] = os.environ) -> Config:
    """Read BIHUAN_DEMO, BIHUAN_INSTANCE, BIHUAN_PROXIES, BIHUAN_SCANNER, BIHUAN_SITE, DATABASE_URL and DATABASE_OWNER_URL.

    Raises:
        SystemExit: one of them is wrong; the message says how to mend it.
    """
    url = environ.get("DATABASE_URL") or None
    return Config(
        instance=Path(environ.get("BIHUAN_INSTANCE") or ROOT / "instance").resolve(),
        database_url=url and _psycopg(url),
        owner_url=_psycopg(environ.get("DATABASE_OWNER_URL") or url or "") or None,
        site=(environ.get("BIHUAN_SITE") or Config.site).rstrip("/"),
        is_demo=environ.get("BIHUAN_DEMO") == "1",
        scanner=environ.get("BIHUAN_SCANNER") or None,
        proxies=_count("BIHUAN_PROXIES", environ.get("BIHUAN_PROXIES") or "0"),
    )


def _count(name: str, text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) == 1):
        sys.exit(f"{name} 应为 0 到 9 的一个数，现在写的是“{text[:40]}”。")
    return int(text)


def _psycopg(url: str) -> str:
    """Return the URL with the one driver we use, whatever spelling the host hands out."""
    for scheme in ("postgres://", "postgresql://"):
        if url.startswith(scheme):
            return "postgresql+psycopg://" + url.removeprefix(scheme)
    return url
