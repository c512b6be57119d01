"""What the fake refuses, with Cloudflare's codes."""

from __future__ import annotations

KEY_NOT_FOUND = 10009
NAMESPACE_NOT_FOUND = 10013
INVALID = 10001


class Refusal(Exception):  # noqa: N818 -- an answer, no failure
    """An answer that is no success."""

    def __init__(self, status: int, code: int) -> None:
        super().__init__()
        self.status = status
        self.code = code
