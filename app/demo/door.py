"""What comes by the API instead of by files: 海口's own platform sends its reviews, 12345 hands complaints over."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from flask import current_app
from sqlalchemy import select

from app.db import unit_of_work
from app.demo.services import Row
from app.errors import Conflict
from app.identity.actor import Role
from app.identity.models import Account
from app.identity.rights import Right
from app.identity.tokens import issue_token

AT_ONCE = 500
LASTS = timedelta(days=365)


class NotTaken(Conflict):
    """The API refused what the city sent."""

    code = "not_taken"


class Door:
    """A department system with a token of its own."""

    def __init__(self, programme: str, department: str, right: Right, now: datetime) -> None:
        """Have a token issued by the security administrator."""
        with unit_of_work() as session:
            admin = session.scalars(select(Account).where(Account.role == Role.SECURITY_ADMIN)).first()
            if admin is None:
                raise NotTaken("还没有安全管理员，不能发放令牌。")
            self._token = issue_token(admin.actor(), "示范系统", programme, department, [right.value], now + LASTS, now)
        self._client = current_app.test_client()

    def send(self, path: str, rows: Iterable[Row]) -> None:
        """Send rows, some hundred at a time.

        Raises:
            NotTaken: one of them was refused; every row of the city must stand.
        """
        waiting = list(rows)
        while waiting:
            self._post(path, waiting[:AT_ONCE])
            waiting = waiting[AT_ONCE:]

    def _post(self, path: str, rows: list[Row]) -> None:
        headers = {"Authorization": f"Bearer {self._token}"}
        answer: dict[str, Any] = self._client.post(f"/api/v1/{path}", json={"rows": rows}, headers=headers).get_json()
        if answer.get("refused", True):
            raise NotTaken(f"接口 {path} 没有全部接收：{answer.get('message') or answer['refused'][0]}")
