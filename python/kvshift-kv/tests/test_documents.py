"""Every example of docs/python.md is run, and prints what the document says."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from .conftest import CHECKOUT
from .stages import Variables

DOCUMENTS = [CHECKOUT / "docs" / "python.md", CHECKOUT / "python" / "kvshift-kv" / "README.md"]
PROGRAM = re.compile(r"```python\n(.*?)```\n(?:\n```text\n(.*?)```)?", re.DOTALL)
PROGRAMS = [
    (source, printed) for path in DOCUMENTS for source, printed in PROGRAM.findall(path.read_text(encoding="utf-8"))
]


def test_there_are_programs_and_each_says_what_it_prints() -> None:
    assert len(PROGRAMS) > 5
    assert [source for source, printed in PROGRAMS if not printed] == []


@pytest.mark.parametrize(("source", "printed"), PROGRAMS, ids=[str(number) for number in range(len(PROGRAMS))])
def test_prints_what_is_said(source: str, printed: str, cloud: dict[str, Variables], tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(source, encoding="utf-8")
    env = {**os.environ, **cloud["gateway"], "SESSION_SECRET": "a secret of a test, and no other", "PYTHONUTF8": "1"}
    finished = subprocess.run(  # noqa: S603 -- the document's own
        [sys.executable, "-W", "error", str(program)],
        env=env,
        capture_output=True,
        text=True,
        check=False,
        encoding="utf-8",
    )
    assert (finished.stderr, finished.stdout) == ("", printed)
