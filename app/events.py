"""Events that lower features publish and higher ones hear, inside the same transaction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Any, TypeVar

E = TypeVar("E")

_listeners: dict[type, list[Callable[[Any], None]]] = defaultdict(list)


def listen(event: type[E], listener: Callable[[E], None]) -> None:
    """Call the listener for every event of this type; done once, in `wiring`."""
    if listener not in _listeners[event]:
        _listeners[event].append(listener)


def publish(event: object) -> None:
    """Tell all listeners at once; an exception of any of them undoes the whole act."""
    for listener in _listeners[type(event)]:
        listener(event)
