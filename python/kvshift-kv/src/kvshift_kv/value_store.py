"""Values of one namespace over a transport: codec, metadata, ends, packing, splitting."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any, Generic, TypeVar

from .codec import Codec
from .effects import Program
from .endpoint import Call
from .envelope import Envelope, envelope_in, metadata_of
from .environment import NamespaceSettings
from .errors import KvError
from .expiry import ExactExpiry, Expiry, ExpiryRules, expiry_of
from .limits import MAX_VALUE_BYTES
from .packing import packed, unpacked
from .parts import manifest_in, read_parts, write_parts
from .transport import StoredPair, Transport, WritePair
from .world import World

V = TypeVar("V")

# The most that a split value may become: it is put together in memory.
_MAX_WHOLE_BYTES = 1024 * 1024 * 1024


@dataclass(frozen=True)
class ValueOptions(Generic[V]):
    """What values of a namespace are, and how they are stored."""

    codec: Codec[V]
    #: Values of so many bytes and more are packed with gzip; other clients then have to unpack them.
    pack_from_bytes: int | None = None
    #: Values of more bytes are split. Only on eventual namespaces.
    split_above_bytes: int = MAX_VALUE_BYTES
    #: Share of a lifetime by which it may become shorter at random, 0 to 1.
    jitter: float = 0


@dataclass(frozen=True)
class Entry(Generic[V]):
    """A value and what is known of its pair; times in milliseconds since the epoch."""

    value: V = field(repr=False)
    #: The application's own metadata.
    metadata: Any = field(repr=False)
    #: Where it is known: of a strong namespace a read does not tell it.
    expires_at_ms: float | None
    #: After it the value may be handed out while a new one is made.
    fresh_until_ms: float | None
    #: Of a strong namespace: for `put_if_unchanged`.
    version: str | None
    #: The bytes of the value, unpacked and put together.
    encoded: bytes = field(repr=False)
    #: Of what the value means, as it was stored.
    value_version: int | None = None

    @property
    def expires_at(self) -> datetime | None:
        """When the pair ends, where it is known."""
        if self.expires_at_ms is None:
            return None
        try:
            return datetime.fromtimestamp(self.expires_at_ms / 1000, tz=timezone.utc)
        except (OverflowError, ValueError, OSError):
            return datetime.max.replace(tzinfo=timezone.utc)


@dataclass(frozen=True)
class WriteFields:
    """What is said of a value that is written."""

    expiry: Expiry = field(default_factory=Expiry)
    #: Any JSON; about 900 bytes.
    metadata: Any = field(default=None, repr=False)
    fresh_until_ms: float | None = None


@dataclass(frozen=True)
class Written:
    """What was written: its bytes before they were packed, and when it ends."""

    plain: bytes = field(repr=False)
    expires_at_ms: float


@dataclass(frozen=True)
class _Prepared:
    key: str = field(repr=False)
    content: bytes = field(repr=False)
    plain: bytes = field(repr=False)
    end: ExactExpiry
    is_packed: bool


class ValueStore(Generic[V]):
    """Reads and writes values of one namespace."""

    def __init__(
        self, settings: NamespaceSettings, transport: Transport, world: World, options: ValueOptions[V]
    ) -> None:
        self.settings = settings
        self.transport = transport
        self.world = world
        self.options = options

    @property
    def is_strong(self) -> bool:
        """Whether the namespace is a strong one."""
        return self.settings.consistency == "strong"

    @property
    def reads_in_bulk(self) -> bool:
        """Whether values can be read many at once."""
        return self.options.codec.is_text and self.options.pack_from_bytes is None

    def read(self, key: str, call: Call) -> Program[Entry[V] | None]:
        """The value of a key, where there is one that has not ended."""
        pair = yield from self.transport.get(key, call, is_text=self.reads_in_bulk)
        return None if pair is None else (yield from self.entry_of(pair, call))

    def entry_of(self, pair: StoredPair, call: Call) -> Program[Entry[V] | None]:
        """The value of a pair. Raises KvError VALUE_INVALID, PART_MISSING."""
        envelope = envelope_in(pair.metadata)
        if envelope is None:
            value = self.options.codec.decode(pair.content, None)
            return Entry(value, pair.metadata, None, None, pair.version, pair.content)
        if envelope.expires_at_ms is not None and envelope.expires_at_ms <= self.world.now_ms():
            return None
        plain = yield from self._plain(pair.content, envelope, call)
        return Entry(
            value=self.options.codec.decode(plain, envelope.version),
            metadata=envelope.metadata,
            expires_at_ms=envelope.expires_at_ms,
            fresh_until_ms=envelope.fresh_until_ms,
            version=pair.version,
            encoded=plain,
            value_version=envelope.version,
        )

    def pair_of(self, key: str, value: V, fields: WriteFields) -> tuple[WritePair, Written]:
        """The pair of a value, all of it in one piece. Raises KvError VALUE_TOO_LARGE and what the codec raises."""
        prepared = self._prepared(key, value, fields)
        if len(prepared.content) > MAX_VALUE_BYTES:
            raise _too_large(prepared.content)
        metadata = metadata_of(self._envelope(prepared, fields))
        return WritePair(key, prepared.content, metadata, prepared.end.stored), _written(prepared)

    def write(self, key: str, value: V, fields: WriteFields, call: Call) -> Program[Written]:
        """Writes a value, split where it is too large."""
        prepared = self._prepared(key, value, fields)
        limit = MAX_VALUE_BYTES if self.is_strong else self.options.split_above_bytes
        if len(prepared.content) <= limit:
            metadata = metadata_of(self._envelope(prepared, fields))
            yield from self.transport.put(WritePair(key, prepared.content, metadata, prepared.end.stored), call)
            return _written(prepared)
        if self.is_strong:
            raise _too_large(prepared.content)
        # Before anything is written: whether the manifest has room for what it says.
        metadata = metadata_of(self._envelope(prepared, fields, is_manifest=True))
        whole = WritePair(key, prepared.content, metadata, prepared.end.stored)
        manifest = yield from write_parts(
            self.transport,
            whole,
            write=self.world.unique_id(),
            at_ms=self.world.now_ms(),
            max_part_bytes=limit,
            call=call,
        )
        yield from self.transport.put(WritePair(key, manifest, metadata, prepared.end.stored), call)
        return _written(prepared)

    def entry_written(self, written: Written, fields: WriteFields) -> Entry[V]:
        """What a reader of a written value gets: never the very object that was written."""
        codec = self.options.codec
        return Entry(
            value=codec.decode(written.plain, codec.version),
            metadata=fields.metadata,
            expires_at_ms=written.expires_at_ms,
            fresh_until_ms=fields.fresh_until_ms,
            version=None,
            encoded=written.plain,
            value_version=codec.version,
        )

    @property
    def thaw(self) -> Callable[[bytes, int | None], V]:
        """A value of its own for each who asks."""
        return self.options.codec.decode

    def _prepared(self, key: str, value: V, fields: WriteFields) -> _Prepared:
        options = self.options
        plain = options.codec.encode(value)
        is_packed = options.pack_from_bytes is not None and len(plain) >= options.pack_from_bytes
        rules = ExpiryRules(self.settings, self.world.now_ms(), options.jitter, self.world.random)
        end = expiry_of(fields.expiry, rules)
        return _Prepared(key, packed(plain) if is_packed else plain, plain, end, is_packed)

    def _envelope(self, prepared: _Prepared, fields: WriteFields, *, is_manifest: bool = False) -> Envelope:
        return Envelope(
            codec=self.options.codec.name,
            # A strong namespace ends it exactly, and `touch` changes that without the metadata.
            expires_at_ms=None if self.is_strong else prepared.end.at_ms,
            fresh_until_ms=fields.fresh_until_ms,
            version=self.options.codec.version,
            is_packed=prepared.is_packed,
            is_manifest=is_manifest,
            metadata=fields.metadata,
        )

    def _plain(self, stored: bytes, envelope: Envelope, call: Call) -> Program[bytes]:
        name = self.options.codec.name
        if envelope.codec != name:
            raise KvError(
                "VALUE_INVALID", f"The value was not written with the codec {name}, which this namespace reads."
            )
        content = stored
        if envelope.is_manifest:
            content = yield from read_parts(self.transport, manifest_in(stored, _MAX_WHOLE_BYTES), call)
        return unpacked(content, _MAX_WHOLE_BYTES) if envelope.is_packed else content


def _written(prepared: _Prepared) -> Written:
    return Written(prepared.plain, prepared.end.at_ms)


def _too_large(content: bytes) -> KvError:
    return KvError("VALUE_TOO_LARGE", f"The value takes {len(content)} bytes; KV takes {MAX_VALUE_BYTES}.")
