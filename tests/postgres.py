"""A PostgreSQL server for tests, benches and campaigns: the one that is named, else a private one.

`TRAJECT_TEST_POSTGRES` names a server whose login may make schemas, roles and databases. Without
it a throw-away server is started from the binaries found here, on a socket in a temporary folder.
It does not wait for the disk unless asked to, as nobody pulls its plug; a bench asks.
`python -m tests.postgres -- COMMAND` runs a command with a durable server in that variable.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

Server = subprocess.Popen[bytes]

VARIABLE = "TRAJECT_TEST_POSTGRES"
START_SECONDS = 30
SETTINGS = {"listen_addresses": "", "max_connections": "60"}
HASTY = {"fsync": "off", "full_page_writes": "off"}
KEEP, KEEP_DURABLE = "keep", "keep-durable"


def binaries() -> Path | None:
    """Return the folder with the server's binaries, the newest version first, or None."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_version, reverse=True)
    found = shutil.which("initdb")
    if found:
        folders.insert(0, Path(found).resolve().parent)
    return next((folder for folder in folders if (folder / "postgres").exists()), None)


def available() -> bool:
    """Return whether a server is named or could be started."""
    return bool(os.environ.get(VARIABLE) or binaries())


@contextlib.contextmanager
def server(*, durable: bool = False) -> Iterator[str]:
    """Yield the URL of the server; a private one ends with this process, however that ends.

    `durable`: a private one waits for the disk at every commit, as a real one does.
    """
    named = os.environ.get(VARIABLE)
    if named:
        yield named
        return
    with private_server(durable=durable) as url:
        yield url


@contextlib.contextmanager
def administering(url: str) -> Iterator[Any]:
    """Yield a connection that makes and drops databases, schemas and roles, each at once."""
    from sqlalchemy import create_engine, make_url

    engine = create_engine(
        make_url(url).set(drivername="postgresql+psycopg"),
        isolation_level="AUTOCOMMIT",
        use_native_hstore=False,
    )
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


@contextlib.contextmanager
def private_server(*, durable: bool = False) -> Iterator[str]:
    """Yield the URL of a throw-away server, whatever is named: its databases are ours to drop."""
    # A process of its own keeps the server, and lets go when the pipe to us closes: that
    # happens on kill -9 too. Its own session, so that Ctrl-C does not reach it first.
    keeper = subprocess.Popen(
        [sys.executable, __file__, KEEP_DURABLE if durable else KEEP],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert keeper.stdin is not None
    assert keeper.stdout is not None
    try:
        url = keeper.stdout.readline().strip()
        if not url:
            raise RuntimeError("the private PostgreSQL server did not start")
        yield url
    finally:
        keeper.stdin.close()
        keeper.wait(START_SECONDS)


def keep(settings: Mapping[str, str]) -> None:
    """Start a server, print its URL, and hold it until standard input ends."""
    bin_folder = binaries()
    if bin_folder is None:
        raise SystemExit("no PostgreSQL server is installed")
    folder = Path(tempfile.mkdtemp(prefix="traject-pg-"))
    try:
        cluster = Cluster(bin_folder, folder, settings)
        process = cluster.start()
        try:
            sys.stdout.write(f"{cluster.url}\n")
            sys.stdout.flush()
            sys.stdin.read()
        finally:
            _stop(process)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class Cluster:
    """A private server in a folder, to be started and stopped again and again."""

    def __init__(self, bin_folder: Path, folder: Path, settings: Mapping[str, str]) -> None:
        """Make the files of a server that is not running yet."""
        self.url = f"postgresql://traject@/postgres?host={folder}"
        self._bin, self._folder, self._settings = bin_folder, folder, settings
        self._identity = _drop_root(folder)
        self._log = folder / "log"
        initdb = [str(bin_folder / "initdb"), "-D", self._data, "-U", "traject", "--auth=trust"]
        initdb += ["--no-sync", "--encoding=UTF8", "--locale=C"]
        with self._log.open("wb") as log:
            subprocess.run(initdb, check=True, cwd=folder, stdout=log, **self._identity)

    @property
    def _data(self) -> str:
        return str(self._folder / "data")

    def start(self) -> Server:
        """Start the server; return it once it answers."""
        postgres = [str(self._bin / "postgres"), "-D", self._data, "-k", str(self._folder)]
        for name, value in self._settings.items():
            postgres += ["-c", f"{name}={value}"]
        with self._log.open("ab") as log:
            process = subprocess.Popen(
                postgres,
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                **self._identity,
            )
        _wait(self._bin, self._folder, process)
        return process

    def stop_immediately(self, process: Server) -> None:
        """Stop the server as a crash would: it finishes nothing and saves nothing."""
        stop = [str(self._bin / "pg_ctl"), "stop", "-s", "-m", "immediate", "-D", self._data]
        subprocess.run(stop, check=True, cwd=self._folder, **self._identity)
        process.wait(START_SECONDS)


def _wait(bin_folder: Path, folder: Path, process: Server) -> None:
    end = time.monotonic() + START_SECONDS
    ready = [str(bin_folder / "pg_isready"), "-q", "-h", str(folder)]
    while subprocess.run(ready, check=False).returncode:
        if process.poll() is not None or time.monotonic() > end:
            sys.stderr.write((folder / "log").read_text(errors="replace"))
            _stop(process)
            raise SystemExit("the private PostgreSQL server did not start")
        time.sleep(0.02)


def _stop(process: Server) -> None:
    for sign in (signal.SIGQUIT, signal.SIGKILL):
        if process.poll() is not None:
            return
        process.send_signal(sign)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(5)


def _drop_root(folder: Path) -> dict[str, Any]:
    """Return under which identity to start the server, which refuses to run as root."""
    if os.getuid():
        return {}
    import pwd  # not on Windows, where nothing here is run

    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    account = next(known[name] for name in ("postgres", "nobody") if name in known)
    os.chown(folder, account.pw_uid, account.pw_gid)
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


def _version(folder: Path) -> float:
    try:
        return float(folder.parent.name)
    except ValueError:
        return 0.0


def main(arguments: list[str]) -> int:
    """Keep a server, or run a command behind `--` with a server's URL in its environment."""
    if arguments in ([KEEP], [KEEP_DURABLE]):
        keep(SETTINGS if arguments == [KEEP_DURABLE] else {**SETTINGS, **HASTY})
        return 0
    if arguments[:1] != ["--"] or len(arguments) < 2:
        sys.stderr.write("usage: python -m tests.postgres -- COMMAND...\n")
        return 2
    with server(durable=True) as url:
        return subprocess.run(
            arguments[1:], env={**os.environ, VARIABLE: url}, check=False
        ).returncode


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
