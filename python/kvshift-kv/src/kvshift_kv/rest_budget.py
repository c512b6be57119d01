"""Calls to Cloudflare's own API, which takes 1,200 in five minutes of a whole account and then blocks it."""

from __future__ import annotations

import threading
from collections import deque

from .errors import KvError
from .limits import RATE_REQUESTS, RATE_WINDOW_SECONDS

# A tenth is left to deploys and to people: they share the limit.
MAX_CALLS = RATE_REQUESTS * 9 // 10


class RestBudget:
    """The calls of one account that this process has made."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._calls: deque[float] = deque()

    def spend(self, now_ms: float) -> None:
        """To be called before each call. Raises KvError BUDGET_EXHAUSTED: the call would lead to a block."""
        with self._lock:
            while self._calls and self._calls[0] <= now_ms - RATE_WINDOW_SECONDS * 1000:
                self._calls.popleft()
            has_room = len(self._calls) < MAX_CALLS
            if has_room:
                self._calls.append(now_ms)
        if not has_room:
            raise KvError(
                "BUDGET_EXHAUSTED",
                f"This process has made {MAX_CALLS} calls to Cloudflare's API in five minutes; more would block the "
                "whole account. Sites with traffic need access: gateway.",
            )


class RestBudgets:
    """The budget of each account, by API and account: all clients of a process share it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._budgets: dict[tuple[str, str], RestBudget] = {}

    def of(self, api_url: str, account_id: str) -> RestBudget:
        """The same one for the same account."""
        with self._lock:
            return self._budgets.setdefault((api_url, account_id), RestBudget())
