"""SeaweedFS as a child process: a real S3 server on loopback, ready in under a second."""

import json
import os
import re
import shutil
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from typing import Self

from gridboss_assets.dev import weed
from gridboss_assets.dev.locks import lock_directory
from gridboss_assets.dev.ports import find_block, is_block_free
from gridboss_assets.errors import ConfigurationError, StorageUnavailable

_READY_SECONDS = 60.0
_STOP_SECONDS = 15.0
_ATTEMPTS = 5


class SeaweedFS:
    """One SeaweedFS server with its data in ``directory``, bound to 127.0.0.1.

    Args:
        directory: holds the data, the log and the configuration; made if missing, and used by
            one process at a time.
        access_key: access key ID of the only identity, which may do everything.
        secret_key: its secret access key.
        port: S3 port; the ten ports after it must be free too. A free block is found if it is
            not given. A server that is started again keeps the port that it had.
        preferred_port: the S3 port to take if its block is free, where ``port`` is not given.
        certificate: PEM files of a certificate for ``localhost`` and its key; with them the server
            also speaks TLS, at ``secure_endpoint``.

    On Linux the server ends with the *thread* that started it (prctl(2), PR_SET_PDEATHSIG), so
    start it from one that lives as long as it is needed.
    """

    def __init__(  # noqa: PLR0913 - a server has this many sides
        self,
        directory: Path,
        *,
        access_key: str,
        secret_key: str,
        port: int | None = None,
        preferred_port: int | None = None,
        certificate: tuple[Path, Path] | None = None,
    ) -> None:
        self.directory = directory.absolute()
        self.access_key = access_key
        self.secret_key = secret_key
        self._port = port
        self._preferred_port = preferred_port
        self._certificate = certificate
        self._process: subprocess.Popen[bytes] | None = None
        self._lock: int | None = None

    @property
    def endpoint(self) -> str:
        """The URL of the S3 API, such as ``http://127.0.0.1:21000``."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def secure_endpoint(self) -> str:
        """The URL of the same API over TLS, where there is a certificate."""
        return f"https://localhost:{weed.https_port(self.port)}"

    @property
    def port(self) -> int:
        """The port of the S3 API."""
        if self._port is None:
            raise RuntimeError("the server has no port before its first start")
        return self._port

    @property
    def pid(self) -> int:
        """The process ID of the running server."""
        if self._process is None:
            raise RuntimeError("the server is not running")
        return self._process.pid

    @property
    def log_path(self) -> Path:
        """What the server printed since its last start."""
        return self.directory / "seaweedfs.log"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start the server and return when it answers; nothing happens if it does already.

        Raises ConfigurationError if the wheel is not installed, the directory is in use or the
        given port is taken, and StorageUnavailable if the server does not come up.
        """
        # A killed process may still be ending, so its answer counts and not its existence.
        if self._process is not None and self._process.poll() is None and weed.answers(self.port):
            return
        self.stop()
        binary = weed.find_binary()
        self.directory.mkdir(parents=True, exist_ok=True)
        self._lock = lock_directory(self.directory)
        try:
            self._write_identities()
            self._start_on_free_ports(binary)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop the server, in order if it can and by force if not; may be called again."""
        if self._process is not None:
            try:
                self._process.terminate()
                with suppress(subprocess.TimeoutExpired):
                    self._process.wait(_STOP_SECONDS)
            finally:  # also when a second Ctrl-C cuts the waiting short
                self._process.kill()
                self._process.wait()
            self._process = None
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _start_on_free_ports(self, binary: Path) -> None:
        if self._port is not None:
            if not is_block_free(self._port, weed.PORTS):
                last = self._port + weed.PORTS - 1
                raise ConfigurationError(
                    f"The S3 server needs the ports {self._port} to {last} on 127.0.0.1, and one "
                    "of them is taken. Give another port, or none."
                )
            self._launch(binary, self._port)
            return
        for attempt in range(1, _ATTEMPTS + 1):
            port = self._find_ports(attempt)
            try:
                self._launch(binary, port)
            except StorageUnavailable:
                # Another process took one of the ports between our look and the server's bind.
                if attempt == _ATTEMPTS or not self._lost_a_port():
                    raise
            else:
                self._port = port
                return

    def _find_ports(self, attempt: int) -> int:
        if (
            attempt == 1
            and self._preferred_port
            and is_block_free(self._preferred_port, weed.PORTS)
        ):
            return self._preferred_port
        return find_block(weed.PORTS)

    def _launch(self, binary: Path, port: int) -> None:
        temporary = self.directory / "tmp"
        shutil.rmtree(temporary, ignore_errors=True)  # three log files more with each start
        temporary.mkdir()
        with self.log_path.open("wb") as log:
            self._process = subprocess.Popen(  # noqa: S603 - our own binary and arguments
                [*weed.launcher(), *weed.arguments(binary, port, self._certificate)],
                cwd=self.directory,
                # Nothing of ours: SeaweedFS would take AWS_ACCESS_KEY_ID for a further identity.
                env={"HOME": str(self.directory), "TMPDIR": str(temporary), "PATH": os.defpath},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                # Ctrl-C in a terminal goes to the foreground group; the server waits for stop().
                start_new_session=True,
                pass_fds=() if self._lock is None else (self._lock,),
            )
        deadline = time.monotonic() + _READY_SECONDS
        # After a restart the gateway answers before the volume server does.
        while not (weed.answers(port) and weed.has_volumes(port)):
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise StorageUnavailable(
                    "The S3 server (SeaweedFS) did not start. It says in "
                    f"{self.log_path}:\n{self._last_words()}"
                )
            time.sleep(0.02)

    def _write_identities(self) -> None:
        identity = {
            "name": "dev",
            "credentials": [{"accessKey": self.access_key, "secretKey": self.secret_key}],
            "actions": ["Admin", "Read", "Write", "List", "Tagging"],
        }
        path = self.directory / "s3.json"
        path.unlink(missing_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump({"identities": [identity]}, file)

    def _last_words(self, count: int = 15) -> str:
        lines = self.log_path.read_text(errors="replace").splitlines()
        # Its log's fatal errors begin with F and the date; the stacks of all threads follow.
        fatal = [line for line in lines if re.match(r"F\d{4} ", line)]
        return "\n".join(fatal or lines[-count:])

    def _lost_a_port(self) -> bool:
        said = self.log_path.read_text(errors="replace")
        # It looks at its ports itself before it binds them, so either may be what it finds.
        return "address already in use" in said or "Port allocation failed" in said
