"""A deadline in words, as an official reads it."""

from __future__ import annotations

from datetime import date, datetime

from app.clock import SHANGHAI
from app.deadlines.compute import Deadline
from app.deadlines.moments import day_in_china


def explain(deadline: Deadline) -> str:
    """Return the reckoning in Chinese lines: start, every counted and skipped day, end, what is not known yet."""
    return "\n".join([*_start(deadline), *_days(deadline), *_end(deadline)])


def written(day: date) -> str:
    """Return a day with its weekday."""
    return f"{day.isoformat()} 周{'一二三四五六日'[day.weekday()]}"


def written_moment(moment: datetime) -> str:
    """Return an instant as clocks in China show it, to the second."""
    return moment.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S").removesuffix(":00")


def _start(deadline: Deadline) -> list[str]:
    limit = deadline.limit
    lines = [f"期限：{limit.label if limit else '定于' + written(deadline.last_day)}"]
    if deadline.started_at is None:
        return lines
    note = "当日不计" if limit and limit.n else "当日计"
    if limit and not limit.n and deadline.last_day != day_in_china(deadline.started_at):
        note = "当日已不能办理，顺延至下一个工作日"
    return [*lines, f"起算：{written_moment(deadline.started_at)}（{note}）"]


def _days(deadline: Deadline) -> list[str]:
    lines = []
    if deadline.counted:
        lines.append(f"计入{len(deadline.counted)}天：")
        lines += [f"  {n:>3}  {written(day)}" for n, day in enumerate(deadline.counted, 1)]
    if deadline.skipped:
        lines.append(f"不计{len(deadline.skipped)}天：")
        lines += [f"       {written(day)}  {reason}" for day, reason in deadline.skipped]
    for limit, last_day in deadline.extensions:
        lines.append(f"延期：{limit.label if limit else '改定日期'}，至{written(last_day)}")
    return lines


def _end(deadline: Deadline) -> list[str]:
    close = f"{deadline.closes_at:%H:%M}下班前" if deadline.closes_at else "24:00前"
    lines = [f"截止：{written(deadline.last_day)} {close}"]
    if deadline.provisional:
        gaps = "、".join(f"{year}年{area or '全国'}放假安排" for _, year, area in deadline.missing)
        lines.append(f"暂定：{gaps}尚未载入，按周末推算")
    return [*lines, f"日历版本：{deadline.calendar_version}"]
