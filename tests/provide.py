"""Provides what the tests need: a browser, PostgreSQL and Redis; uses what is there, else installs it where it may."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

PACKAGES = {"chromium": "chromium", "redis-server": "redis-server", "postgres": "postgresql"}


def is_there(program: str) -> bool:
    """Whether the program is on the PATH or where Debian keeps PostgreSQL's."""
    return shutil.which(program) is not None or any(Path("/usr/lib/postgresql").glob(f"*/bin/{program}"))


def main() -> None:
    """Install what is missing when we are root on Debian; say what stays missing."""
    missing = [program for program in PACKAGES if not is_there(program)]
    if missing and shutil.which("apt-get") and os.geteuid() == 0:
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        packages = [PACKAGES[program] for program in missing]
        for command in (["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "-qq", *packages]):
            subprocess.run(command, env=environment, check=False, stdout=subprocess.DEVNULL)
        missing = [program for program in PACKAGES if not is_there(program)]
    for program in missing:
        print(f"{program} is not on this machine and could not be installed: its tests are skipped", file=sys.stderr)


if __name__ == "__main__":
    main()
