"""What only a strong namespace can do: docs/gateway.md."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from .effects import Program
from .endpoint import Call
from .errors import KvError
from .expiry import Expiry, ExpiryRules, StoredExpiry, expiry_of
from .json_text import MAX_SAFE_INTEGER
from .key import require_key
from .namespace_core import NamespaceCore
from .transport import StoredPair, value_fields
from .value_store import Entry, WriteFields

V = TypeVar("V")


@dataclass(frozen=True)
class ConditionalWrite:
    """What became of a conditional write. `version`: of the pair that is there now, where there is one."""

    applied: bool
    version: str | None


class StrongCore(NamespaceCore[V]):
    """The keys of a namespace in Durable Objects."""

    def put_if_absent(self, key: str, value: V, fields: WriteFields, call: Call) -> Program[ConditionalWrite]:
        """Writes where there is nothing."""
        return (yield from self._conditional("put-if-absent", key, value, fields, {}, call))

    def put_if_unchanged(
        self, key: str, value: V, version: str, fields: WriteFields, call: Call
    ) -> Program[ConditionalWrite]:
        """Writes where the pair still has the version that `get_entry` gave."""
        return (yield from self._conditional("put-if-unchanged", key, value, fields, {"version": version}, call))

    def increment(self, key: str, by: int, ttl_seconds: int | None, call: Call) -> Program[int]:
        """Adds to a whole number; a key that is not there counts as 0, and gets the lifetime.

        Raises KvError REFUSED where the value is no whole number.
        """
        require_key(key)
        if type(by) is not int or abs(by) > MAX_SAFE_INTEGER:
            raise KvError("VALUE_NOT_ENCODABLE", "What is added is no whole number that JavaScript can hold.")
        fields = {"by": by, **self._lifetime(Expiry(ttl_seconds=ttl_seconds)).fields()}
        work = self.store.transport.atomic("increment", key, fields, call)
        content = (yield from self.changing(key, work, call)).content
        try:
            return int(content or b"")
        except ValueError:
            pass
        raise KvError("UNAVAILABLE", "KV did not say what the number is now.")

    def touch(self, key: str, expiry: Expiry, call: Call) -> Program[bool]:
        """Changes when a pair ends and nothing else. Returns whether it is there."""
        require_key(key)
        work = self.store.transport.atomic("touch", key, dict(self._lifetime(expiry).fields()), call)
        return (yield from self.changing(key, work, call)).applied

    def get_and_delete(self, key: str, call: Call) -> Program[Entry[V] | None]:
        """Hands a value of up to 1 MiB out to one caller only."""
        require_key(key)
        work = self.store.transport.atomic("get-and-delete", key, {}, call)
        result = yield from self.changing(key, work, call)
        if not result.applied or result.content is None:
            return None
        return (yield from self.store.entry_of(StoredPair(result.content, result.metadata), call))

    def _conditional(
        self,
        operation: Literal["put-if-absent", "put-if-unchanged"],
        key: str,
        value: V,
        fields: WriteFields,
        extra: dict[str, Any],
        call: Call,
    ) -> Program[ConditionalWrite]:
        require_key(key)
        pair, _ = self.store.pair_of(key, value, fields)
        work = self.store.transport.atomic(operation, key, {**value_fields(pair), **extra}, call)
        done = yield from self.changing(key, work, call)
        return ConditionalWrite(done.applied, done.version)

    def _lifetime(self, expiry: Expiry) -> StoredExpiry:
        return expiry_of(expiry, ExpiryRules(self.store.settings, self.store.world.now_ms())).stored
