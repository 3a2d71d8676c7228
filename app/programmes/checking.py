"""Checking many files of any origin: each in a child process that may use only so much time and memory."""

from __future__ import annotations

import errno
import fcntl
import gc
import json
import os
import resource
import select
import signal
import stat
import time
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil
from pathlib import Path

from app.engine.specs import build_program
from app.engine.xml import MAX_BYTES
from app.errors import AppError
from app.programmes.bundle import DIAGRAM, RULES, Bundle
from app.programmes.errors import BundleUnreadable
from app.programmes.findings import Finding
from app.programmes.lint import lint
from app.programmes.vocabulary import Vocabulary

CLEAN, FINDINGS, UNREADABLE = "clean", "findings", "unreadable"
MEGABYTE = 1024 * 1024
AT_ONCE = len(os.sched_getaffinity(0))
REASONS = {
    errno.EACCES: "没有读取权限",
    errno.ELOOP: "符号链接绕成了圈",
    errno.ENAMETOOLONG: "路径太长",
    errno.ENOTDIR: "路径中间有一段不是文件夹",
}
FAULT, OUT_OF_MEMORY = 70, 71


@dataclass(frozen=True)
class Limits:
    """What one file may use: seconds by the clock, and megabytes beyond what the program itself takes."""

    seconds: float = 10
    megabytes: int = 256


@dataclass(frozen=True)
class Verdict:
    """What came of one path: clean, findings, or unreadable with one finding that says why."""

    path: str
    verdict: str
    findings: tuple[Finding, ...] = ()

    def as_dict(self) -> dict[str, object]:
        """Return the shape of one line of `--json`."""
        return {"path": self.path, "verdict": self.verdict, "findings": [finding.as_dict() for finding in self.findings]}


def check_paths(paths: Sequence[str], vocabulary: Vocabulary, limits: Limits) -> Iterator[Verdict]:
    """Yield a verdict for each path, in order; never raises for what a path holds.

    The children are forks of this process, so it must have one thread only.
    """
    running: deque[_Child] = deque()
    try:
        for path in paths:
            if len(running) >= AT_ONCE:
                yield running.popleft().verdict()
            running.append(_Child(path, vocabulary, limits))
        while running:
            yield running.popleft().verdict()
    finally:
        for child in running:
            child.stop()


def check_path(path: str, vocabulary: Vocabulary) -> Verdict:
    """Return the verdict on a bundle's folder or a diagram, in this process and without limits."""
    try:
        source = _read(Path(path))
        found = tuple(lint(source, vocabulary)) or tuple(_unbuildable(source))
    except AppError as error:
        return _unreadable(path, error.code, error.message)
    except OSError as error:
        return _unreadable(path, "file-unreadable", f"{REASONS.get(error.errno or 0, '系统读不出来')}。请检查路径和权限。")
    except RecursionError:
        return _unreadable(path, "too-tangled", "嵌套太深，无法检查。请简化。")
    return Verdict(path, FINDINGS if found else CLEAN, found)


def _unreadable(path: str, reason: str, message: str) -> Verdict:
    return Verdict(path, UNREADABLE, (Finding("", reason.replace("_", "-"), message),))


def _unbuildable(source: Bundle | bytes) -> Iterator[Finding]:
    """Let the engine itself read what the linter found clean."""
    try:
        build_program(source if isinstance(source, bytes) else source.diagram)
    except AppError as error:
        yield Finding("", "engine-refuses", error.message)


def _read(path: Path) -> Bundle | bytes:
    if path.is_dir():
        return Bundle(_read_file(path / DIAGRAM), _read_file(path / RULES))
    return _read_file(path)


def _read_file(path: Path) -> bytes:
    """Read a plain file, one byte more than is allowed at most; a pipe or device is not waited for.

    Raises:
        BundleUnreadable: it is missing, or no plain file.
        OSError: it may not be read.
    """
    try:
        if not stat.S_ISREG(path.stat().st_mode):  # Asked before opening: opening a device may already do something.
            raise BundleUnreadable(f"{_shown(path.name)} 不是普通文件，不读取。")
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        raise BundleUnreadable(f"没有文件 {_shown(path.name)}。方案文件夹里应有 {DIAGRAM} 和 {RULES}。") from None
    with os.fdopen(descriptor, "rb") as file:
        data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise BundleUnreadable(f"{_shown(path.name)} 超过 1 MiB，不读取。", code="diagram_too_large")
    return data


def _shown(name: str) -> str:
    """Return a file name that can be printed, whatever its bytes."""
    return name.encode(errors="surrogateescape").decode(errors="replace")


class _Child:
    """A forked process that checks one path."""

    def __init__(self, path: str, vocabulary: Vocabulary, limits: Limits) -> None:
        self.path, self.limits = path, limits
        self.until = time.monotonic() + limits.seconds
        self.reading, writing = os.pipe()
        # Room for the longest verdict: a child never waits for its reader.
        fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, MEGABYTE)
        self.process = os.fork()
        if self.process == 0:
            _be_child(path, vocabulary, limits, writing)
        os.close(writing)

    def verdict(self) -> Verdict:
        """Wait for the child, at most until its time is over."""
        try:
            answer = _listen(self.reading, self.until)
        except BaseException:
            self.stop()
            raise
        status = self.stop() if answer is None else self._end()
        return _judge(self.path, answer, status, self.limits)

    def stop(self) -> int:
        """Kill the child."""
        os.kill(self.process, signal.SIGKILL)
        return self._end()

    def _end(self) -> int:
        os.close(self.reading)
        return os.waitstatus_to_exitcode(os.waitpid(self.process, 0)[1])


def _judge(path: str, answer: bytes | None, status: int, limits: Limits) -> Verdict:
    """Return the child's verdict, or why there is none."""
    if answer is None or status == -signal.SIGXCPU:
        return _unreadable(path, "over-time", f"检查超过 {limits.seconds:g} 秒，已停止。请简化，或用 --seconds 放宽。")
    if status == OUT_OF_MEMORY or status < 0:
        return _unreadable(path, "over-memory", f"检查超出 {limits.megabytes} MB 内存，已停止。请简化，或用 --megabytes 放宽。")
    if status:
        return _unreadable(path, "check-failed", "检查程序自身出错，没有结论。请把文件交给系统维护人员。")
    body = json.loads(answer)
    return Verdict(path, body["verdict"], tuple(Finding(**finding) for finding in body["findings"]))


def _be_child(path: str, vocabulary: Vocabulary, limits: Limits, writing: int) -> None:
    """Check, write the verdict and leave without any of the parent's clean-up; never returns."""
    status = FAULT
    gc.disable()  # It would touch every page that is shared with the parent.
    try:
        _confine(limits)
        _write(writing, json.dumps(check_path(path, vocabulary).as_dict()).encode())
        status = 0
    except MemoryError:
        status = OUT_OF_MEMORY
    finally:
        os._exit(status)


def _write(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def _confine(limits: Limits) -> None:
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    room = used + limits.megabytes * MEGABYTE
    resource.setrlimit(resource.RLIMIT_AS, (room, room))
    seconds = ceil(limits.seconds) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))  # At the second the kernel kills.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # Whatever a library says goes nowhere: the verdict alone leaves this process.
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nowhere, descriptor)


def _listen(reading: int, until: float) -> bytes | None:
    """Return all that the child wrote, or None when its time was over first."""
    parts: list[bytes] = []
    while select.select([reading], [], [], max(until - time.monotonic(), 0))[0]:
        part = os.read(reading, 65536)
        if not part:
            return b"".join(parts)
        parts.append(part)
    return None
