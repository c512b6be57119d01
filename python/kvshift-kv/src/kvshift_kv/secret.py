"""Text that no log shows."""

from __future__ import annotations


class Secret:
    """A credential. Printed, formatted and in a traceback's variables it is `[secret]`."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The text itself."""
        return self._text

    def __repr__(self) -> str:
        return "[secret]"

    __str__ = __repr__
