"""A dict that knows whether anybody looked into it."""

from __future__ import annotations

from collections.abc import ItemsView, Iterator, KeysView, ValuesView
from typing import Any


class ReadingDict(dict[str, Any]):
    """What depends on what is in it is no answer for everybody. `was_read`: so far, by whatever way."""

    was_read = False

    def unseen(self) -> dict[str, Any]:
        """A copy for the library itself, which is no look."""
        before = self.was_read
        content: dict[str, Any] = dict(super().items())
        self.was_read = before
        return content

    def __getitem__(self, name: str) -> Any:
        self.was_read = True
        return super().__getitem__(name)

    def __contains__(self, name: object) -> bool:
        self.was_read = True
        return super().__contains__(name)

    def __iter__(self) -> Iterator[str]:
        self.was_read = True
        return super().__iter__()

    def __len__(self) -> int:
        self.was_read = True
        return super().__len__()

    def __eq__(self, other: object) -> bool:
        self.was_read = True
        return super().__eq__(other)

    __hash__ = None  # as a dict's own

    def get(self, name: str, default: Any = None) -> Any:
        """As a dict's own."""
        self.was_read = True
        return super().get(name, default)

    def setdefault(self, name: str, default: Any = None) -> Any:
        """As a dict's own."""
        self.was_read = True
        return super().setdefault(name, default)

    def pop(self, name: str, *default: Any) -> Any:
        """As a dict's own."""
        self.was_read = True
        return super().pop(name, *default)

    def keys(self) -> KeysView[str]:  # pyright: ignore[reportIncompatibleMethodOverride]
        """As a dict's own."""
        self.was_read = True
        return super().keys()

    def values(self) -> ValuesView[Any]:  # pyright: ignore[reportIncompatibleMethodOverride]
        """As a dict's own."""
        self.was_read = True
        return super().values()

    def items(self) -> ItemsView[str, Any]:  # pyright: ignore[reportIncompatibleMethodOverride]
        """As a dict's own."""
        self.was_read = True
        return super().items()
