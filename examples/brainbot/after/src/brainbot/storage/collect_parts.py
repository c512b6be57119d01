"""`python -m brainbot.storage.collect_parts`, once a day: removes what documents left that were replaced or removed."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Mapping

from kvshift_kv import AsyncKv, KvOptions, raw_bytes

from brainbot.storage.storage_service import EVENTUAL_NAMESPACE


async def collect_parts(env: Mapping[str, str], options: KvOptions | None = None) -> int:
    """How many parts were removed: none that a reader could still need. Raises KvError."""
    async with AsyncKv.from_env(env, options) as kv:
        return await kv.namespace(EVENTUAL_NAMESPACE, codec=raw_bytes()).collect_parts()


if __name__ == "__main__":
    sys.stdout.write(f"removed {asyncio.run(collect_parts(os.environ))} parts\n")
