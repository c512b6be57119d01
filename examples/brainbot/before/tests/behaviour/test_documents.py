from __future__ import annotations

import random

import pytest

from brainbot_stage import Stage

pytestmark = pytest.mark.anyio

MEGABYTE = 1024 * 1024


def _bytes(length: int, seed: int) -> bytes:
    return random.Random(seed).randbytes(length)  # noqa: S311 -- the same bytes in every run


async def test_a_document_of_three_megabytes_comes_back_byte_for_byte(stage: Stage) -> None:
    body = _bytes(3 * MEGABYTE + 17, seed=1)
    async with stage.instance() as instance, instance.signed_in(stage.ada) as browser:
        assert (await browser.put("/documents/plan.pdf", content=body)).status_code == 204
        read = await browser.get("/documents/plan.pdf")
        assert read.status_code == 200
        assert read.content == body
        assert read.headers["content-disposition"] == "attachment"


async def test_a_document_of_six_megabytes_comes_back_byte_for_byte(stage: Stage) -> None:
    body = _bytes(6 * MEGABYTE + 17, seed=5)
    async with stage.instance() as one, one.signed_in(stage.ada) as browser:
        assert (await browser.put("/documents/book", content=body)).status_code == 204
        async with stage.instance() as two, two.signed_in(stage.ada) as elsewhere:
            assert (await elsewhere.get("/documents/book")).content == body


async def test_an_empty_document_is_a_document(stage: Stage) -> None:
    async with stage.instance() as instance, instance.signed_in(stage.ada) as browser:
        assert (await browser.put("/documents/empty", content=b"")).status_code == 204
        read = await browser.get("/documents/empty")
        assert (read.status_code, read.content) == (200, b"")


async def test_a_document_that_is_written_again_is_the_new_one_as_a_whole(stage: Stage) -> None:
    long, short = _bytes(3 * MEGABYTE, seed=2), _bytes(MEGABYTE + 1, seed=3)
    async with stage.instance() as instance, instance.signed_in(stage.ada) as browser:
        for body in (long, short):
            await browser.put("/documents/plan", content=body)
            assert (await browser.get("/documents/plan")).content == body


async def test_a_document_that_was_removed_is_not_there(stage: Stage) -> None:
    async with stage.instance() as instance, instance.signed_in(stage.ada) as browser:
        assert (await browser.get("/documents/plan")).status_code == 404
        await browser.put("/documents/plan", content=_bytes(2 * MEGABYTE, seed=4))
        assert (await browser.delete("/documents/plan")).status_code == 204
        assert (await browser.get("/documents/plan")).status_code == 404


async def test_nobody_reads_the_document_of_another(stage: Stage) -> None:
    async with stage.instance() as instance, instance.signed_in(stage.ada) as browser:
        await browser.put("/documents/plan", content=b"of ada")
        async with instance.signed_in(stage.grace) as another:
            assert (await another.get("/documents/plan")).status_code == 404
        async with instance.browser() as stranger:
            assert (await stranger.get("/documents/plan")).status_code == 401


async def test_a_document_that_is_too_large_is_refused_and_changes_nothing(stage: Stage) -> None:
    async with stage.instance() as instance, instance.signed_in(stage.ada) as browser:
        await browser.put("/documents/plan", content=b"before")
        too_large = b"x" * (stage.settings.max_document_bytes + 1)
        assert (await browser.put("/documents/plan", content=too_large)).status_code == 413
        assert (await browser.get("/documents/plan")).content == b"before"
