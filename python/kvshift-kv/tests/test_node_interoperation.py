"""What Node wrote, Python reads, and the reverse: on one namespace of the gateway in workerd."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kvshift_kv import Codec, Kv, json, raw_bytes, settings_from, text
from kvshift_kv.json_text import MAX_SAFE_INTEGER, json_text, parsed_json
from kvshift_kv.sessions import new_session_id, sessions_in

from .node_peer import NodePeer, node_peer
from .stages import Variables, fresh

VALUE = {
    "name": "Ада 😀",
    "numbers": [0, -1.5, 1e21, 1e-7, 9007199254740991],
    "nested": {"10": None, "b": True, "2": ""},
}
CODECS: dict[str, Codec[Any]] = {"json": json(), "text": text(), "bytes": raw_bytes()}
VALUES: dict[str, Any] = {"json": VALUE, "text": "line\r\n\0😀", "bytes": bytes(range(256))}


@pytest.fixture(scope="module")
def node(cloud: dict[str, Variables]) -> Iterator[NodePeer]:
    with node_peer(cloud["gateway"]) as peer:
        yield peer


@pytest.fixture(scope="module")
def kv(cloud: dict[str, Variables]) -> Iterator[Kv]:
    with Kv(settings_from(cloud["gateway"])) as made:
        yield made


def sent(value: Any) -> Any:
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value


FORMS: list[dict[str, int]] = [
    {},
    {"packFromBytes": 1},
    {"splitAboveBytes": 7},
    {"splitAboveBytes": 9, "packFromBytes": 1},
]


@pytest.mark.parametrize("form", FORMS, ids=["plain", "packed", "split", "packed and split"])
@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize("namespace", ["sessions", "cache"])
def test_values_of_each_codec_are_the_same_in_both(
    node: NodePeer, kv: Kv, namespace: str, codec: str, form: dict[str, int]
) -> None:
    if namespace == "sessions" and "splitAboveBytes" in form:
        form = {name: size for name, size in form.items() if name != "splitAboveBytes"}
    options: dict[str, Any] = {
        "split_above_bytes": form.get("splitAboveBytes", 10**7),
        "pack_from_bytes": form.get("packFromBytes"),
    }
    python = kv.namespace(namespace, codec=CODECS[codec], **options)
    value, metadata, one, two = VALUES[codec], {"tag": "ü"}, fresh("node wrote"), fresh("python wrote")
    call = {"namespace": namespace, "codec": codec, **form}
    node.ask(do="put", key=one, value=sent(value), metadata=metadata, ttlSeconds=600, **call)
    python.put(two, value, metadata=metadata, ttl_seconds=600)
    by_node = python.get_entry(one)
    assert by_node is not None
    assert (by_node.value, by_node.metadata) == (value, metadata)
    by_python = node.ask(do="get", key=two, **call)
    assert (by_python["value"], by_python["metadata"]) == (sent(value), metadata)
    assert (by_python["expiresAt"] is None) == (by_node.expires_at_ms is None)


def test_a_session_goes_on_in_the_other_language_and_stays_dead_in_both(node: NodePeer, kv: Kv) -> None:
    sessions, identity = sessions_in(kv.strong("sessions")), new_session_id()
    data = {"user": "ada", "cart": [1, {"n": None}]}
    assert node.ask(do="save", id=identity, data=data) == data
    base = sessions.load(identity)
    assert base is not None
    assert base.data == data
    base.data["theme"] = "dark"
    assert sessions.save(identity, base.data, 600, base) is not None
    assert node.ask(do="load", id=identity) == {**data, "theme": "dark"}
    node.ask(do="destroy", id=identity)
    assert sessions.load(identity) is None
    assert sessions.save(identity, base.data, 600, base) is None
    other = new_session_id()
    sessions.save(other, data, 600)
    sessions.destroy(other)
    assert node.ask(do="load", id=other) is None
    assert node.ask(do="save", id=other, data=data) is None


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-MAX_SAFE_INTEGER, MAX_SAFE_INTEGER)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: (
        st.lists(inner, max_size=5) | st.dictionaries(st.text() | st.integers(0, 2**33).map(str), inner, max_size=5)
    ),
    max_leaves=20,
)


def test_json_is_byte_for_byte_what_node_writes(node: NodePeer) -> None:
    @settings(max_examples=300)
    @given(JSON)
    def holds(value: Any) -> None:
        written = json_text(value)
        assert node.ask(do="encode", text=written) == written
        assert parsed_json(written) == value

    holds()


def test_every_form_of_a_number_is_what_node_writes(node: NodePeer) -> None:
    numbers = [digit * 10.0**power for power in range(-12, 26) for digit in (1, 1.5, -9.87654321, 1.2345678901234567)]
    numbers += [5e-324, 1.7976931348623157e308, -0.0, 2.0**53, 2.0**64, 0.1 + 0.2]
    for number in numbers:
        assert node.ask(do="encode", text=repr(number)) == json_text(number)
