"""One cold start of a Lambda function: its unpacked zip under AWS's own runtime client (awslambdaric), and nothing else.

The interpreter runs with -S, so that it sees the zip, boto3 with what that needs, and the runtime client: what the Lambda
runtime brings. This side plays Lambda's Runtime API for one invocation. Bytecode is read, never written, as in /var/task.
"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import TCPServer
from typing import Any

RUNTIME_BRINGS = (
    "awslambdaric", "runtime_client", "snapshot_restore_py", "simplejson",
    "boto3", "botocore", "s3transfer", "jmespath", "dateutil", "six", "urllib3",
)  # fmt: skip
TIMEOUT_S = 30.0


@dataclass(frozen=True, slots=True)
class Start:
    """init_ms: from the start of the process until it asks for its first event. first_ms: of that event, until its answer.

    init_mb, first_mb: the most memory the process ever had (VmHWM), up to then; 0 where there is no /proc.
    """

    init_ms: float
    first_ms: float
    init_mb: float
    first_mb: float
    answer: Any


def link_runtime(folder: Path) -> None:
    """Links to what the Lambda runtime brings. Raises FileNotFoundError where it has no bytecode, as the runtime's has."""
    for name in RUNTIME_BRINGS:
        spec = importlib.util.find_spec(name)
        assert spec is not None, name
        assert spec.origin is not None, name
        source = Path(spec.origin).parent if spec.submodule_search_locations else Path(spec.origin)
        if source.is_dir() and not any(source.rglob("*.pyc")):
            raise FileNotFoundError(f"{source} has no bytecode: python -m compileall {source}")
        (folder / source.name).symlink_to(source)


def start(code: Path, runtime: Path, handler: str, environment: Mapping[str, str], event: Any) -> Start:
    """Start a process, hand it one event, and stop it. Raises RuntimeError when it does not answer."""
    with _RuntimeApi(json.dumps(event).encode()) as api, tempfile.TemporaryFile() as complaints:
        variables = {
            "PATH": os.defpath, "LANG": "en_US.UTF-8", "TZ": ":UTC", "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONPATH": f"{code}{os.pathsep}{runtime}", "LAMBDA_TASK_ROOT": str(code), "_HANDLER": handler,
            "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{api.server_address[1]}", "AWS_LAMBDA_FUNCTION_NAME": "bench",
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "1024",
            **environment,
        }  # fmt: skip
        command = [sys.executable, "-S", "-m", "awslambdaric", handler]
        began = time.perf_counter()
        process = subprocess.Popen(command, cwd=code, env=variables, stdout=complaints, stderr=complaints)
        api.pid = process.pid
        try:
            api.handle_request()
            api.handle_request()
            if api.answered_at is None:
                complaints.seek(0)
                raise RuntimeError(f"{handler}: {api.trouble}\n{complaints.read().decode(errors='replace')}")
            first_mb = _most_memory_mb(process.pid)
        finally:
            process.kill()
            process.wait()
    init_ms, first_ms = (api.ready_at - began) * 1000, (api.answered_at - api.handed_at) * 1000
    return Start(init_ms, first_ms, api.init_mb, first_mb, api.answer)


class _RuntimeApi(TCPServer):
    """Hands out one event, takes its answer. https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html"""

    timeout = TIMEOUT_S

    def __init__(self, event: bytes) -> None:
        super().__init__(("127.0.0.1", 0), _Call)
        self.event, self.pid = event, 0
        self.ready_at = self.handed_at = self.init_mb = 0.0
        self.answered_at: float | None = None
        self.answer: Any = None
        self.trouble = f"no answer within {TIMEOUT_S:.0f} s"


class _Call(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # one packet per answer
    server: _RuntimeApi

    def log_message(self, format: str, *args: Any) -> None: ...  # noqa: A002

    def do_GET(self) -> None:
        api, now = self.server, time.perf_counter()
        if api.ready_at:
            return  # the event was answered without having been taken
        api.ready_at = now
        api.init_mb = _most_memory_mb(api.pid)
        api.handed_at = time.perf_counter()
        headers = {
            "Lambda-Runtime-Aws-Request-Id": "1",
            "Lambda-Runtime-Deadline-Ms": str(int((time.time() + TIMEOUT_S) * 1000)),
            "Lambda-Runtime-Invoked-Function-Arn": "arn:aws:lambda:eu-central-1:123456789012:function:bench",
            "Lambda-Runtime-Trace-Id": "Root=1-00000000-000000000000000000000000;Sampled=0",
            "Content-Type": "application/json",
        }
        self._send(200, api.event, headers)

    def do_POST(self) -> None:
        api, now = self.server, time.perf_counter()
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path.endswith("/response"):
            api.answered_at, api.answer = now, json.loads(body)
        else:
            api.trouble = f"{self.path}: {body.decode(errors='replace')[:2000]}"
        self._send(202, b"{}", {})

    def _send(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body)), "Connection": "close"}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


def _most_memory_mb(pid: int) -> float:
    try:
        status = Path(f"/proc/{pid}/status").read_text("ascii")
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmHWM")), 0.0)
