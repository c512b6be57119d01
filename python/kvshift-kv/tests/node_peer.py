"""The library in Node.js, in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import Any

from .conftest import CHECKOUT, NODE


class NodePeer:
    """Does what it is told: `tests/support/kv-peer.ts` of the repository."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def ask(self, **command: Any) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(command) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())["answer"]


@contextmanager
def node_peer(variables: Mapping[str, str]) -> Generator[NodePeer, None, None]:
    command = [str(NODE), str(CHECKOUT / "tests" / "support" / "kv-peer.ts")]
    env = {**os.environ, **variables}
    with subprocess.Popen(  # noqa: S603 -- the project's own
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8", env=env, cwd=CHECKOUT
    ) as process:
        yield NodePeer(process)
        assert process.stdin is not None
        process.stdin.close()
