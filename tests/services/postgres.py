"""A throw-away PostgreSQL cluster on a free loopback port, for tests."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.services.redis import free_port

_PLACES = ("/usr/lib/postgresql", "/usr/pgsql", "/opt/homebrew/opt/postgresql", "/usr/local/opt/postgresql")


class Unavailable(Exception):
    """This machine cannot run PostgreSQL, and why."""


def postgres_binaries() -> Path | None:
    """The folder of initdb and pg_ctl, the newest release found; None without PostgreSQL."""
    found = [path.parent for place in _PLACES for path in Path(place).glob("*/bin/initdb")]
    if found:
        return max(found, key=lambda folder: int("0" + "".join(filter(str.isdigit, folder.parent.name))))
    beside = shutil.which("initdb")
    return Path(beside).resolve().parent if beside else None


@contextmanager
def postgres_server(folder: Path) -> Iterator[str]:
    """Start a cluster in `folder`; yields its URL. Raises Unavailable.

    PostgreSQL refuses to run as root; then the cluster belongs to the user `postgres`.
    """
    binaries = postgres_binaries()
    if binaries is None:
        raise Unavailable("it is not installed")
    as_user: list[str] = []
    if os.geteuid() == 0:
        try:
            owner = pwd.getpwnam("postgres")
        except KeyError:
            raise Unavailable("PostgreSQL does not run as root and there is no user postgres") from None
        # Not inside pytest's folder: its parents are closed to other users.
        folder = Path(tempfile.mkdtemp(prefix="salient-postgres-"))
        os.chown(folder, owner.pw_uid, owner.pw_gid)
        as_user = ["runuser", "-u", "postgres", "--"]
    data = folder / "cluster"
    port = free_port()

    def run(*command: str) -> None:
        subprocess.run([*as_user, *command], check=True, stdout=subprocess.DEVNULL, cwd="/")

    run(str(binaries / "initdb"), "-D", str(data), "-U", "salient", "-A", "trust", "-E", "UTF8", "--locale=C", "-N")
    # Compiling to machine code takes longer than any question over a small company.
    cheap = "-c fsync=off -c full_page_writes=off -c synchronous_commit=off -c jit=off"
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' {cheap}"
    run(str(binaries / "pg_ctl"), "-D", str(data), "-o", options, "-l", str(folder / "log"), "-w", "start")
    try:
        yield f"postgresql://salient@127.0.0.1:{port}/postgres"
    finally:
        run(str(binaries / "pg_ctl"), "-D", str(data), "-m", "immediate", "-w", "stop")
        if as_user:
            shutil.rmtree(folder, ignore_errors=True)
