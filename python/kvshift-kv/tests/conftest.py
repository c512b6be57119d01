"""Runs tests that are coroutines, and starts what the contract is tested on."""

from __future__ import annotations

import asyncio
import inspect
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest
from hypothesis import settings

from .stages import STAGES, Stage, Variables, open_stage

# How long an example takes says how busy the machine is. What fails is printed so that it can be tried again.
settings.register_profile("package", deadline=None, print_blob=True)
settings.load_profile("package")

CHECKOUT = Path(__file__).parents[3]
NODE = CHECKOUT / "node_modules" / "node" / "bin" / "node"
VECTORS = CHECKOUT / "tests" / "vectors"


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    names = inspect.signature(pyfuncitem.obj).parameters
    arguments = {name: pyfuncitem.funcargs[name] for name in names}

    async def run() -> None:
        try:
            await pyfuncitem.obj(**arguments)
        finally:
            # On the loop that its connections are of.
            for argument in arguments.values():
                if isinstance(argument, Stage):
                    await argument.close()

    asyncio.run(run())
    return True


@pytest.fixture(scope="session")
def cloud() -> Iterator[dict[str, Variables]]:
    """The local cloud of the project: variables of an application for `rest` and `gateway`."""
    command = [str(NODE), str(CHECKOUT / "scripts" / "python-stage.ts")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=CHECKOUT, text=True) as process:  # noqa: S603 -- the project's own command
        assert process.stdout is not None
        line = process.stdout.readline()
        yield cast("dict[str, Variables]", json.loads(line))
        assert process.stdin is not None
        process.stdin.close()


@pytest.fixture(params=STAGES)
def stage(request: pytest.FixtureRequest) -> Stage:
    name = cast("str", request.param)
    is_local = name.startswith("fake")
    return open_stage(name, {} if is_local else cast("dict[str, Variables]", request.getfixturevalue("cloud")))


@pytest.fixture(params=[name for name in STAGES if "strong" in name])
def strong_stage(request: pytest.FixtureRequest) -> Stage:
    name = cast("str", request.param)
    is_local = name.startswith("fake")
    return open_stage(name, {} if is_local else cast("dict[str, Variables]", request.getfixturevalue("cloud")))
