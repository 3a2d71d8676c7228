"""Looks at what is stored: every act there once or not at all, and never half of one."""

from __future__ import annotations

from typing import Any

from sqlalchemy import text

from app.audit.chain import verify
from app.audit.seal import entries
from app.db import unit_of_work

# Everything that must be true of every case, whatever was killed when. Each query returns what is half done.
HALVES = {
    "case without instance": "select c.number from cases c left join instances i on i.case_id = c.id where i.case_id is null",
    "case without review": (
        "select c.number from cases c where c.review_expected and not exists (select from reviews r "
        "where (r.programme, r.record, r.visit, r.sequence) = (c.programme, c.record, c.visit, c.sequence))"
    ),
    "case that nobody has": (
        "select c.number from cases c where c.ended_at is null and c.status = 'open' "
        "and not exists (select from tasks t where t.case_id = c.id and t.status in ('open', 'submitted'))"
    ),
    "open task without limit": (
        "select c.number || '/' || t.element from tasks t join cases c on c.id = t.case_id where t.status = 'open' "
        "and not exists (select from deadlines d where (d.case_id, d.element, d.status) = (t.case_id, t.element, 'running'))"
    ),
    "limit without open task": (
        "select c.number || '/' || d.element from deadlines d join cases c on c.id = d.case_id where d.status = 'running' "
        "and not exists (select from tasks t where (t.case_id, t.element) = (d.case_id, d.element) "
        "and t.status in ('open', 'submitted'))"
    ),
    "audit behind the case": (
        "select c.number from cases c join instances i on i.case_id = c.id where i.audit_seq = 0 or i.audit_seq <> "
        "(select coalesce(max(a.seq), 0) from audit_entries a where a.stream = 'case:' || c.number)"
    ),
    "stream without case": (
        "select a.stream from audit_entries a where a.stream like 'case:%' "
        "and not exists (select from cases c where 'case:' || c.number = a.stream)"
    ),
    "form without completed task": (
        "select c.number || '/' || f.element from task_forms f join tasks t on t.id = f.task_id join cases c on c.id = t.case_id "
        "where t.status not in ('done', 'submitted') and not exists (select from audit_entries a "
        "where a.stream = 'case:' || c.number and a.act = 'return' and a.payload ->> 'element' = t.element)"
    ),
    "completed task without form or entry": (
        "select c.number || '/' || t.element from tasks t join cases c on c.id = t.case_id where t.status = 'done' and ("
        "not exists (select from task_forms f where f.task_id = t.id) or 1 <> (select count(*) from audit_entries a "
        "where a.stream = 'case:' || c.number and a.act = 'complete' and a.payload ->> 'element' = t.element))"
    ),
    "entry of a completion without it": (
        "select a.stream from audit_entries a join cases c on 'case:' || c.number = a.stream where a.act = 'complete' "
        "and not exists (select from tasks t where (t.case_id, t.element, t.status) = (c.id, a.payload ->> 'element', 'done'))"
    ),
    "firings unlike entries": (
        "select c.number from cases c where (select count(*) from firings f where f.case_id = c.id) <> "
        "(select count(*) from audit_entries a where a.stream = 'case:' || c.number and a.act = 'escalate')"
    ),
    "firings unlike messages": (
        "select c.number from cases c where (select coalesce(sum(jsonb_array_length(f.recipients)), 0) from firings f "
        "where f.case_id = c.id) <> (select count(*) from outbox o where o.kind = 'escalation' and o.body ->> 'case' = c.number)"
    ),
    "firings unlike the limit": (
        "select c.number || '/' || d.element from deadlines d join cases c on c.id = d.case_id where d.fired <> "
        "(select count(*) from firings f where f.deadline_id = d.id)"
    ),
}


def find_halves(*, imported: bool = False) -> list[str]:
    """Return everything that is half done; with `imported`, every case must also have its review."""
    found = []
    with unit_of_work() as session:
        for problem, query in HALVES.items():
            written = query.replace("c.review_expected", "true" if imported else "false")
            found += [f"{problem}: {row[0]}" for row in session.execute(text(written))]
        found += [f"{each.stream} #{each.seq} {each.problem}" for each in verify(entries(), [])]
    return found


def count_of(query: str, **values: Any) -> int:
    """Return what one counting query says."""
    with unit_of_work() as session:
        return int(session.scalar(text(query), values) or 0)
