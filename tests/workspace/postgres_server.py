"""A real PostgreSQL server for tests, started from Debian's binaries.

It listens on a socket in a temporary folder and on no network address, and is stopped at the end.
Where the package is missing the tests fail.
"""

import glob
import itertools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest


def server_programs() -> Path:
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin/postgres"))
    if not found:
        pytest.fail(
            "The store is tested on a real PostgreSQL and there is none: apt-get install postgresql"
        )
    return Path(found[-1]).parent


def as_its_user(user: str) -> list[str]:
    """PostgreSQL refuses to run as root; the second option ends it if the tests are killed."""
    if os.geteuid() != 0:
        return ["setpriv", "--pdeathsig", "INT"]
    return [
        *("setpriv", f"--reuid={user}", f"--regid={user}", "--init-groups"),
        *("--pdeathsig", "INT"),
    ]


def wait_for(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            psycopg.connect(address).close()
        except psycopg.OperationalError:
            if server.poll() is not None or time.monotonic() > deadline:
                pytest.fail(f"PostgreSQL did not start: {log.read_text()}")
            time.sleep(0.05)
        else:
            return


@contextmanager
def running_postgres() -> Iterator[str]:
    """Connection string of a server that lives as long as the block."""
    programs = server_programs()
    root = os.geteuid() == 0
    user = "postgres" if root else pwd.getpwuid(os.geteuid()).pw_name
    # a socket's path has at most 107 bytes, so not in pytest's own folder
    folder = Path(tempfile.mkdtemp(prefix="tilth-pg-", dir="/tmp"))
    log = folder / "log"
    data = folder / "data"
    if root:
        shutil.chown(folder, user)
    initdb = [programs / "initdb", "-D", data, "-U", "tilth", "-A", "trust", "--no-sync"]
    subprocess.run(
        [*as_its_user(user), *map(str, initdb), "-E", "UTF8", "--locale=C", "--data-checksums"],
        check=True,
        capture_output=True,
    )
    settings = ["listen_addresses=", "fsync=off", "full_page_writes=off", "shared_buffers=64MB"]
    serve = [str(programs / "postgres"), "-D", str(data), "-k", str(folder)]
    with log.open("wb") as output:
        server = subprocess.Popen(
            [*as_its_user(user), *serve, *itertools.chain(*(("-c", one) for one in settings))],
            stdout=output,
            stderr=output,
        )
    try:
        address = f"host={folder} user=tilth dbname=postgres"
        wait_for(address, server, log)
        yield address
    finally:
        server.send_signal(signal.SIGINT)  # "fast": sessions are ended, nothing is waited for
        try:
            server.wait(30)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()
        shutil.rmtree(folder)
