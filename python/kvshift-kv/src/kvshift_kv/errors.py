"""The one error of the library."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Literal, TypeAlias

KvErrorCode: TypeAlias = Literal[
    "NOT_CONFIGURED",
    "UNKNOWN_NAMESPACE",
    "NOT_STRONG",
    "KEY_INVALID",
    "VALUE_TOO_LARGE",
    "METADATA_TOO_LARGE",
    "VALUE_NOT_ENCODABLE",
    "VALUE_INVALID",
    "EXPIRY_UNSUPPORTED",
    "PART_MISSING",
    "UNAUTHORIZED",
    "REFUSED",
    "RATE_LIMITED",
    "UNAVAILABLE",
    "DEADLINE_EXCEEDED",
    "CIRCUIT_OPEN",
    "BUDGET_EXHAUSTED",
    "INCOMPLETE",
]

_RETRYABLE: Final[frozenset[KvErrorCode]] = frozenset(
    (
        "PART_MISSING",
        "RATE_LIMITED",
        "UNAVAILABLE",
        "DEADLINE_EXCEEDED",
        "CIRCUIT_OPEN",
        "BUDGET_EXHAUSTED",
        "INCOMPLETE",
    )
)
# No answer came, or one that says that something went wrong on the way.
_UNKNOWN_OUTCOMES: Final[frozenset[KvErrorCode]] = frozenset(("UNAVAILABLE", "DEADLINE_EXCEEDED", "INCOMPLETE"))


class KvError(Exception):
    """What went wrong, by `code`. Its message holds no key, no value and no secret: it may be logged.

    `retryable`: the same call may succeed later without any change. `status`: of HTTP, where there was an answer.
    `keys`: those that it is about. `is_outcome_unknown`, of a write: it may have been done all the same.
    """

    def __init__(
        self,
        code: KvErrorCode,
        message: str,
        *,
        status: int | None = None,
        keys: Iterable[str] = (),
        is_outcome_unknown: bool | None = None,
    ) -> None:
        super().__init__(message)
        self.code: Final[KvErrorCode] = code
        self.message: Final = message
        self.retryable: Final = code in _RETRYABLE
        self.status: Final = status
        self.keys: Final = tuple(keys)
        self.is_outcome_unknown: Final = code in _UNKNOWN_OUTCOMES if is_outcome_unknown is None else is_outcome_unknown

    def with_unknown_outcome(self) -> KvError:
        """The same, where an attempt before it may have been done."""
        if self.is_outcome_unknown:
            return self
        return KvError(self.code, self.message, status=self.status, keys=self.keys, is_outcome_unknown=True)

    def about(self, keys: Iterable[str]) -> KvError:
        """The same, where it is about these keys."""
        return KvError(
            self.code, self.message, status=self.status, keys=keys, is_outcome_unknown=self.is_outcome_unknown
        )

    def __reduce__(self) -> tuple[object, ...]:
        return (_restored, (self.code, self.message, self.status, self.keys, self.is_outcome_unknown))


def _restored(
    code: KvErrorCode,
    message: str,
    status: int | None,
    keys: tuple[str, ...],
    is_outcome_unknown: bool,  # noqa: FBT001 -- what pickle hands back is positional
) -> KvError:
    return KvError(code, message, status=status, keys=keys, is_outcome_unknown=is_outcome_unknown)
