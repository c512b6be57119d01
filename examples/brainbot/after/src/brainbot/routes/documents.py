"""Documents of a person, of a few megabytes."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, HTTPException, Path, Request, Response

from brainbot.request_state import Bot
from brainbot.signed_in import SignedIn

router = APIRouter(prefix="/documents")
DocumentName = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")]


@router.put("/{name}", status_code=204)
async def put(name: DocumentName, request: Request, bot: Bot, session: SignedIn) -> None:
    body = await _body_of(request, bot.settings.max_document_bytes)
    await bot.storage.documents.put(session.fields["user"], name, body)


@router.get("/{name}")
async def get(name: DocumentName, bot: Bot, session: SignedIn) -> Response:
    body = await bot.storage.documents.get(session.fields["user"], name)
    if body is None:
        raise HTTPException(404, "no such document")
    # What somebody stored must never run as a page of this site.
    headers = {"content-disposition": "attachment", "x-content-type-options": "nosniff"}
    return Response(body, media_type="application/octet-stream", headers=headers)


@router.delete("/{name}", status_code=204)
async def delete(name: DocumentName, bot: Bot, session: SignedIn) -> None:
    await bot.storage.documents.delete(session.fields["user"], name)


async def _body_of(request: Request, max_bytes: int) -> bytes:
    """The whole body, refused with 413 as soon as it is longer than `max_bytes`."""
    chunks: list[bytes] = []
    length = 0
    async for chunk in request.stream():
        length += len(chunk)
        if length > max_bytes:
            raise HTTPException(413, f"a document has {max_bytes} bytes at most")
        chunks.append(chunk)
    return b"".join(chunks)
