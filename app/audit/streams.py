"""What an export shows of streams that not everybody may read."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from typing import Any

from app.audit.chain import is_withheld


def shown_in_export(entries: Iterable[dict[str, Any]], seals: list[int]) -> Iterator[dict[str, Any]]:
    """Yield entries as an export shows them: `entries` in the order of their ids, `seals` the ids up to which was sealed.

    Of a withheld entry only its place in its stream and its digest are left, so that the
    chain and the seals can still be checked. Neither its neighbours nor a gap in the ids
    tell beside which case it was written: every entry bears the id of the seal that covers
    it, and the withheld ones stand at the end of what that seal covers.
    """
    bounds, current = sorted(set(seals)), -1
    held: list[dict[str, Any]] = []
    for entry in entries:
        at = bisect_left(bounds, entry["id"])
        bound = bounds[at] if at < len(bounds) else _after(bounds)
        if bound != current:
            yield from held
            held, current = [], bound
        if is_withheld(entry["stream"]):
            held.append(
                {"stream": entry["stream"], "seq": entry["seq"], "digest": entry["digest"], "id": bound, "withheld": True}
            )
        else:
            yield entry | {"id": bound}
    yield from held


def _after(bounds: list[int]) -> int:
    """Return an id behind all seals, for what no seal covers yet."""
    return bounds[-1] + 1 if bounds else 1
