"""The site as it is served, on a port of its own, and connections that ask it at as little cost as can be."""

from __future__ import annotations

import json
import os
import secrets
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask
from sqlalchemy import insert

from app.clock import DatabaseClock
from app.config import ROOT
from app.db import db, table_of, unit_of_work
from app.identity.models import Account, SignedInSession, Token
from app.identity.sessions import ABSOLUTE, digest
from app.identity.tokens import PREFIX
from app.pages.guard import COOKIE
from app.serving import web_command

API = "/api/v1"


@contextmanager
def served(app: Flask, url: str | None = None) -> Iterator[int]:
    """Serve the application's database by gunicorn on a free port, logged in by another URL if one is given; return the port.

    The socket is ours and handed down: who connects before a worker is up waits.
    """
    config = app.extensions["bihuan"]["config"]
    db.session.remove()
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listening:
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # as gunicorn does with sockets of its own
        env = {**os.environ, "DATABASE_URL": url or config.owner_url, "BIHUAN_INSTANCE": str(config.instance)}
        command = [*web_command(f"fd://{listening.fileno()}"), "--log-level", "error"]
        with subprocess.Popen(command, cwd=ROOT, env=env, pass_fds=[listening.fileno()]) as server:
            try:
                yield int(listening.getsockname()[1])
            finally:
                server.terminate()


class Client:
    """One connection that is kept alive."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=60)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def close(self) -> None:
        """Hang up."""
        self._socket.close()

    def get(self, path: str, token: str) -> Any:
        """Ask for a page; return its body."""
        return json.loads(self._ask(f"GET {API}{path}", f"Authorization: Bearer {token}\r\n", b""))

    def show(self, path: str, token: str) -> bytes:
        """Ask for a page of the office as a browser does; return it."""
        return self._ask(f"GET {path}", f"Cookie: {COOKIE}={token}\r\nAccept: text/html\r\n", b"")

    def post(self, path: str, token: str, body: Any, key: str = "") -> Any:
        """Send a body, with an idempotency key where there is one; return the answer's body."""
        written = json.dumps(body).encode()
        more = f"Idempotency-Key: {key}\r\n" if key else ""
        headers = f"Authorization: Bearer {token}\r\n{more}Content-Type: application/json\r\nContent-Length: {len(written)}\r\n"
        return json.loads(self._ask(f"POST {API}{path}", headers, written))

    def _ask(self, line: str, headers: str, body: bytes) -> bytes:
        self._socket.sendall(f"{line} HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n".encode() + body)
        read = b""
        while b"\r\n\r\n" not in read:
            read += self._more()
        head, _, got = read.partition(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0])
        while len(got) < length:
            got += self._more()
        if head[9:10] != b"2":
            raise RuntimeError(f"{line}: {head[9:12].decode()} {got.decode()}")
        return got

    def _more(self) -> bytes:
        chunk = self._socket.recv(65536)
        if not chunk:
            raise RuntimeError("the server hung up")
        return chunk


def signed_in(department: str, login: str) -> str:
    """Add the head of an XS department, and return the token of their session."""
    token = secrets.token_urlsafe(32)
    with unit_of_work() as session:
        now = DatabaseClock().now(session.connection())
        row = {
            "login": login, "name": "甲", "password_hash": "-", "role": "head", "programme": "xs", "department": department,
            "staff": None, "is_active": True, "created_at": now,
        }  # fmt: skip
        account = session.scalar(insert(table_of(Account)).returning(Account.id), row)
        opened = {"digest": digest(token), "account_id": account, "created_at": now, "seen_at": now}
        session.execute(insert(table_of(SignedInSession)), opened | {"expires_at": now + ABSOLUTE})
    return token


def system_token(department: str) -> str:
    """Return the token of a department's system that may send records and reviews, and read what cases came of them."""
    token = PREFIX + secrets.token_urlsafe(32)
    with unit_of_work() as session:
        now = DatabaseClock().now(session.connection())
        row = {
            "digest": digest(token), "name": "办件系统", "programme": "xs", "department": department, "issued_by": "bench",
            "scopes": ["send_records", "send_reviews", "read_cases"], "issued_at": now, "expires_at": now + ABSOLUTE,
        }  # fmt: skip
        session.execute(insert(table_of(Token)), row)
    return token
