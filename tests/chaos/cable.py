"""A cable to the database server that fails on order, at a message that is chosen.

It knows of PostgreSQL's protocol how messages are framed, which of them the server answers,
and what a COMMIT looks like; all else it passes on.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from enum import Enum
from typing import BinaryIO

ENCRYPTION = (80877103, 80877104)  # what a client asks for before it begins: TLS, and GSSAPI
LATE_SECONDS = 0.5


class Fault(Enum):
    """What becomes of the message that is struck."""

    UNHEARD = "the server never gets it, and both sides hear that the cable is cut"
    UNANSWERED = "the server does it, and both sides hear that the cable is cut"
    GIVEN_UP = "the server never gets it, the client hears that nothing happened in its transaction for too long"
    HALF_OPEN = "the server never gets it, and never hears that the client is gone"
    LATE = "the answer comes half a second late"


# What the server says before it hangs up on a transaction in which nothing happens.
PARTING = b"SFATAL\0VFATAL\0C25P03\0Mterminating connection due to idle-in-transaction timeout\0\0"


class Cable:
    """A port of this machine that leads to the server; one fault at a time."""

    def __init__(self, host: str, port: int) -> None:
        self._server = f"{host}/.s.PGSQL.{port}" if host.startswith("/") else (host, port)
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self.in_crumbs = False
        self._lock = threading.Lock()
        self._fault: Fault | None = None
        self._links: list[Link] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def strike(self, fault: Fault, at: int = 1, on: bytes = b"") -> None:
        """Order a fault: at the n-th message from now that the server would answer, or that holds these words."""
        with self._lock:
            self._fault, self._left, self._on = fault, at, on

    @property
    def has_struck(self) -> bool:
        """Whether the fault that was ordered has happened."""
        return self._fault is None

    def hit(self, message: bytes) -> Fault | None:
        """Return what is to become of a message of the client."""
        with self._lock:
            if self._fault is None or not self._counts(message):
                return None
            self._left -= 1
            if self._left:
                return None
            fault, self._fault = self._fault, None
            return fault

    def _counts(self, message: bytes) -> bool:
        if self._on:
            return message[:1] in (b"Q", b"P") and self._on in message
        return message[:1] in (b"Q", b"S")

    def send(self, to: socket.socket, message: bytes) -> None:
        """Pass a message on, whole or byte by byte."""
        for start in range(0, len(message), 1 if self.in_crumbs else len(message)):
            to.sendall(message[start : start + 1] if self.in_crumbs else message)

    def close(self) -> None:
        """Take the cable away."""
        self._listening.close()
        for link in self._links:
            link.hang_up()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                kind = socket.AF_UNIX if isinstance(self._server, str) else socket.AF_INET
                server = socket.socket(kind)
                server.connect(self._server)
                self._links.append(Link(self, client, server))


class Link:
    """One connection through the cable."""

    def __init__(self, cable: Cable, client: socket.socket, server: socket.socket) -> None:
        self._cable, self._client, self._server = cable, client, server
        self._struck: Fault | None = None
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for pump in (self._to_server, self._to_client):
            threading.Thread(target=pump, daemon=True).start()

    def hang_up(self) -> None:
        """Let both sides hear that it is over."""
        _close(self._client)
        _close(self._server)

    def _to_server(self) -> None:
        with suppress(OSError), self._client.makefile("rb") as stream:
            self._server.sendall(self._greeting(stream))
            for message in messages(stream):
                self._struck = self._cable.hit(message) or self._struck
                if self._struck in (Fault.UNHEARD, Fault.GIVEN_UP, Fault.HALF_OPEN):
                    break
                self._cable.send(self._server, message)
        self._part()

    def _part(self) -> None:
        """End the connection as the fault says."""
        if self._struck is Fault.GIVEN_UP:
            self._client.sendall(b"E" + (len(PARTING) + 4).to_bytes(4) + PARTING)
        if self._struck is Fault.HALF_OPEN:
            _close(self._client)
        else:
            self.hang_up()

    def _greeting(self, stream: BinaryIO) -> bytes:
        """Return the client's first message; that it may not encrypt it is told here."""
        while True:
            message = (length := stream.read(4)) + stream.read(int.from_bytes(length) - 4)
            if int.from_bytes(message[4:8]) not in ENCRYPTION:
                return message
            self._client.sendall(b"N")

    def _to_client(self) -> None:
        with suppress(OSError), self._server.makefile("rb") as stream:
            for message in messages(stream):
                is_end = message[:1] in (b"Z", b"G")  # the server is ready for the next query, or for rows to copy
                if self._struck is Fault.LATE and is_end:
                    self._struck = time.sleep(LATE_SECONDS)
                if self._struck is not Fault.UNANSWERED:
                    self._cable.send(self._client, message)
                elif is_end:
                    break
        self.hang_up()


def messages(stream: BinaryIO) -> Iterator[bytes]:
    """Return the messages of one direction, each with its kind and length."""
    while kind := stream.read(1):
        length = stream.read(4)
        yield kind + length + stream.read(int.from_bytes(length) - 4)


def _close(side: socket.socket) -> None:
    with suppress(OSError):
        side.shutdown(socket.SHUT_RDWR)  # wakes whoever reads from it
    side.close()
