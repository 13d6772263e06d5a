"""Ceph's radosgw on loopback, with its data in memory: a real S3 server, ready in about 12 s."""

import json
import os
import shutil
import subprocess
import threading
import time
import urllib.error
import urllib.request
import uuid
from pathlib import Path
from typing import Self

from tests.support.ceph_conf import PORTS, PROGRAMS, Layout
from tests.support.certificates import self_signed

from gridboss_assets.dev.ports import find_block
from gridboss_assets.dev.weed import launcher

_COMMAND_SECONDS = 120.0
_READY_SECONDS = 120.0
_ATTEMPTS = 3


class CephFailed(Exception):
    """The cluster did not come up; the text says which program said what."""


class Ceph:
    """One cluster with its files in an empty ``directory``, bound to 127.0.0.1.

    A monitor, an OSD and radosgw; they need no manager. On Linux they end with the *thread* that
    started them (prctl(2), PR_SET_PDEATHSIG), so start it from one that lives as long as they are
    needed. ``abandon`` cuts a start short.
    """

    def __init__(self, directory: Path, *, abandon: threading.Event | None = None) -> None:
        self.directory = directory.absolute()
        self._abandon = abandon or threading.Event()
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._layout: Layout | None = None

    @property
    def layout(self) -> Layout:
        """The addresses and files of the running cluster."""
        if self._layout is None:
            raise RuntimeError("the cluster was not started")
        return self._layout

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start the cluster and return when it answers; raises CephFailed."""
        missing = [name for name in PROGRAMS if not shutil.which(name, path=_path())]
        if missing:
            raise CephFailed(
                f"{', '.join(missing)} is not installed. `scripts/test --ceph` installs Ceph "
                "(Debian: apt-get install ceph-mon ceph-osd radosgw)."
            )
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                self._start(attempt)
            except BaseException as error:
                self.stop()
                # Another process took one of the ports between our look and the server's bind.
                if attempt == _ATTEMPTS or "Address already in use" not in str(error):
                    raise
            else:
                return

    def stop(self) -> None:
        """Stop what runs; may be called again.

        By force: nothing that is in memory is kept, and an OSD that ends in order writes it all
        to the disk first.
        """
        for process in reversed(self._processes.values()):
            process.kill()
            process.wait()
        self._processes.clear()

    def make_user(self, name: str, *options: str) -> tuple[str, str]:
        """Make a user of radosgw; returns its access key and its secret key."""
        names = (f"--uid={name}", f"--display-name={name}")
        (keys,) = json.loads(self.run("radosgw-admin", "user", "create", *names, *options))["keys"]
        return keys["access_key"], keys["secret_key"]

    def run(self, *command: str) -> str:
        """Run a program of Ceph on this cluster; returns what it prints."""
        if self._abandon.is_set():
            raise CephFailed("abandoned")
        try:
            done = subprocess.run(  # noqa: S603 - Ceph's own programs
                [*launcher(), _found(command[0]), *command[1:]],
                env=self._environment(),
                cwd=self.directory,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                errors="replace",
                timeout=_COMMAND_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise CephFailed(f"{command[0]} did not end. {self._last_words()}") from None
        if done.returncode:
            raise CephFailed(f"{command[0]} failed: {done.stderr.strip()[-2000:]}")
        return done.stdout

    def _start(self, attempt: int) -> None:
        directory = self.directory / str(attempt)
        directory.mkdir(mode=0o700, parents=True)
        self._layout = layout = Layout(directory, find_block(PORTS))
        layout.write()
        self_signed(directory / "tls")
        for command in layout.first_steps():
            self.run(*command)
        self._launch("ceph-mon", "-i", "a")
        osd = str(uuid.uuid4())
        self.run("ceph-osd", "-i", "0", "--mkfs", "--osd-uuid", osd)
        self.run("ceph", "osd", "new", osd)
        self._launch("ceph-osd", "-i", "0")
        self._launch("radosgw", "-n", "client.admin")
        deadline = time.monotonic() + _READY_SECONDS
        while not _answers(layout.endpoint):
            self._check_alive()
            if time.monotonic() > deadline:
                raise CephFailed(f"radosgw does not answer. {self._last_words()}")
            self._abandon.wait(0.1)

    def _launch(self, *command: str) -> None:
        with (self.layout.directory / f"{command[0]}.out").open("wb") as out:
            self._processes[command[0]] = subprocess.Popen(  # noqa: S603 - Ceph's own programs
                [*launcher(), _found(command[0]), "-f", *command[1:]],
                env=self._environment(),
                cwd=self.directory,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                # Ctrl-C in a terminal goes to the foreground group; they wait for stop().
                start_new_session=True,
            )

    def _check_alive(self) -> None:
        if self._abandon.is_set():
            raise CephFailed("abandoned")
        for name, process in self._processes.items():
            if process.poll() is not None:
                raise CephFailed(f"{name} ended. {self._last_words()}")

    def _environment(self) -> dict[str, str]:
        # Nothing of ours: CEPH_ARGS would count as further options.
        conf = str(self.layout.conf)
        return {"PATH": _path(), "HOME": str(self.directory), "CEPH_CONF": conf, "LC_ALL": "C"}

    def _last_words(self, count: int = 8) -> str:
        said = []
        for path in sorted(self.layout.directory.glob("*.out")) + sorted(
            self.layout.directory.glob("*.log")
        ):
            lines = [line for line in path.read_text(errors="replace").splitlines() if line]
            said += [f"{path.name}: {line}" for line in lines[-count:]]
        return "They say:\n" + "\n".join(said)


def _path() -> str:
    return f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/usr/local/sbin"


def _found(program: str) -> str:
    return shutil.which(program, path=_path()) or program


def _answers(endpoint: str) -> bool:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(endpoint, timeout=5):
            return True
    except (urllib.error.URLError, OSError):
        return False
