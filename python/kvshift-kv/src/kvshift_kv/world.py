"""What the library takes from outside itself; tests pass their own."""

from __future__ import annotations

import asyncio
import random
import threading
import time
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from .exchange import AsyncExchange, Exchange
from .rest_budget import RestBudgets

#: Of this process: Cloudflare counts the calls of an account, not those of a client.
_PROCESS_BUDGETS = RestBudgets()


@dataclass(frozen=True)
class World:
    """Clock, randomness, ids, pauses and the network."""

    #: Milliseconds since the epoch.
    now_ms: Callable[[], float] = lambda: time.time_ns() // 1_000_000
    #: Milliseconds since whenever: never set, so that it tells how long something took.
    elapsed_ms: Callable[[], float] = lambda: time.monotonic_ns() / 1_000_000
    #: From 0 to 1.
    random: Callable[[], float] = random.random
    #: Unguessable text of 128 bits: letters and digits.
    unique_id: Callable[[], str] = lambda: uuid.uuid4().hex
    sleep: Callable[[float], None] = time.sleep
    sleep_async: Callable[[float], Awaitable[None]] = asyncio.sleep
    #: Runs work that nobody waits for, beside the threads of the application.
    start_thread: Callable[[Callable[[], None]], None] = lambda work: threading.Thread(target=work, daemon=True).start()
    #: Default: httpx.
    exchange: Exchange | None = None
    exchange_async: AsyncExchange | None = None
    budgets: RestBudgets = field(default=_PROCESS_BUDGETS)
