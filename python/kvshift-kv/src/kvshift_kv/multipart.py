"""The body of a write, by https://www.rfc-editor.org/rfc/rfc7578."""

from __future__ import annotations

from typing import Any

from .json_text import json_text


def multipart(content: bytes, metadata: Any, boundary: str) -> tuple[bytes, str]:
    """The body and its content type. `boundary` is unguessable, so that no value holds it."""
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="value"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n".encode(),
        content,
    ]
    if metadata is not None:
        head = f'\r\n--{boundary}\r\nContent-Disposition: form-data; name="metadata"\r\n\r\n'
        parts.append((head + json_text(metadata)).encode())
    parts.append(f"\r\n--{boundary}--\r\n".encode())
    return b"".join(parts), f"multipart/form-data; boundary={boundary}"
