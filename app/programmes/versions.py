"""Publishing versions and finding them again."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import bindparam, func, select
from sqlalchemy.dialects.postgresql import insert

from app.audit.record import Act, record
from app.db import db, table_of
from app.programmes.bundle import Bundle
from app.programmes.errors import ProgrammeUnknown
from app.programmes.models import Programme, ProgrammeVersion

# Versions never change, so a process may keep what it has read.
_bundles: dict[int, Bundle] = {}
PROGRAMMES = table_of(Programme)
CURRENT = select(PROGRAMMES.c.version).where(PROGRAMMES.c.code == bindparam("of_programme"))


def publish(bundle: Bundle, by: str, at: datetime) -> int:
    """Store a bundle as the newest version of its programme; return the version's id.

    Publishing what is already the current version changes nothing.
    """
    rules = bundle.rules
    known = select(ProgrammeVersion.id).where(ProgrammeVersion.programme == rules.code, ProgrammeVersion.digest == bundle.digest)
    version = db.session.scalar(known) or _store(bundle, by, at)
    values = {"name": rules.name, "version": version}
    statement = insert(Programme).values(code=rules.code, **values)
    db.session.execute(statement.on_conflict_do_update(index_elements=["code"], set_=values))
    return version


def _store(bundle: Bundle, by: str, at: datetime) -> int:
    code = bundle.rules.code
    newest = select(func.coalesce(func.max(ProgrammeVersion.number), 0)).where(ProgrammeVersion.programme == code)
    version = ProgrammeVersion(
        programme=code,
        number=(db.session.scalar(newest) or 0) + 1,
        digest=bundle.digest,
        diagram=bundle.diagram,
        rules=bundle.rules_file,
        published_at=at,
        published_by=by,
    )
    db.session.add(version)
    db.session.flush()
    record(f"programme:{code}", Act(by, "publish", {"version": version.number, "digest": bundle.digest}), at)
    return version.id


def bundle_of(version: int) -> Bundle:
    """Return the bundle of a stored version."""
    bundle = _bundles.get(version)
    if bundle is None:
        stored = db.session.get_one(ProgrammeVersion, version)
        bundle = _bundles[version] = Bundle(stored.diagram, stored.rules)
    return bundle


def current_version(programme: str) -> int:
    """Return the id of the version that new cases of a programme get.

    Raises:
        ProgrammeUnknown: there is none of this code.
    """
    version: int | None = db.session.connection().execute(CURRENT, {"of_programme": programme}).scalar()
    if version is None:
        raise ProgrammeUnknown(f"没有代码为 {programme} 的方案。")
    return version
