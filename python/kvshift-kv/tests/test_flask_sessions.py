"""Sessions of a Flask application, as a browser meets them."""

from __future__ import annotations

import re
from typing import Any, cast

import pytest
from flask import Flask, flash, get_flashed_messages, jsonify, request, session
from flask.wrappers import Response

from kvshift_kv import KvError
from kvshift_kv.sessions import sessions_in
from kvshift_kv.sessions.flask import KvSession, KvSessionInterface
from kvshift_kv.testing import FakeKv


def app_on(fake: FakeKv, **config: Any) -> Flask:
    app = Flask("app")
    settings = cast("dict[str, Any]", app.config)
    settings.update(SECRET_KEY="a secret of a test, and no other", TESTING=True)
    settings.update({"PERMANENT_SESSION_LIFETIME": 7200, **config})
    app.session_interface = KvSessionInterface(sessions_in(fake.kv().strong("sessions")))

    @app.get("/")
    def show() -> Response:
        return jsonify(dict(session))

    @app.post("/put")
    def put() -> Response:
        session.update(cast("dict[str, Any]", request.get_json()))
        return jsonify(dict(session))

    @app.get("/in")
    def sign_in() -> str:
        session["user"] = "ada"
        cast("KvSessionInterface", app.session_interface).regenerate(session)
        return ""

    @app.get("/out")
    def sign_out() -> str:
        cast("KvSession", session).destroy()
        return ""

    @app.get("/permanent")
    def permanent() -> str:
        session.permanent = True
        return ""

    @app.get("/flash")
    def say() -> str:
        flash("hello", "info")
        return ""

    @app.get("/flashed")
    def said() -> Response:
        return jsonify(get_flashed_messages(with_categories=True))

    return app


def test_what_a_request_stores_the_next_one_has_and_the_cookie_holds_the_id_alone() -> None:
    client = app_on(FakeKv()).test_client()
    assert "Set-Cookie" not in client.get("/").headers
    first = client.post("/put", json={"cart": ["tea"]})
    assert re.match(r"session=[0-9a-f]{64}\.[\w-]{43}; HttpOnly; Path=/$", first.headers["Set-Cookie"])
    assert client.get("/").get_json() == {"cart": ["tea"]}


def test_signing_in_changes_the_id_and_signing_out_ends_it_for_good() -> None:
    client = app_on(FakeKv()).test_client()
    before = client.post("/put", json={"cart": 1}).headers["Set-Cookie"]
    after = client.get("/in").headers["Set-Cookie"]
    assert before != after
    client.set_cookie("session", before.partition("=")[2].partition(";")[0])
    assert client.get("/").get_json() == {}
    client.set_cookie("session", after.partition("=")[2].partition(";")[0])
    assert client.get("/").get_json() == {"cart": 1, "user": "ada"}
    assert client.get("/out").headers["Set-Cookie"].startswith("session=; Expires=Thu, 01 Jan 1970")
    client.set_cookie("session", after.partition("=")[2].partition(";")[0])
    assert client.get("/").get_json() == {}


def test_flashed_messages_come_once() -> None:
    client = app_on(FakeKv()).test_client()
    client.get("/flash")
    assert client.get("/flashed").get_json() == [["info", "hello"]]
    assert client.get("/flashed").get_json() == []


def test_a_permanent_session_lives_as_long_as_flask_says() -> None:
    fake = FakeKv()
    client = app_on(fake, PERMANENT_SESSION_LIFETIME=7200).test_client()
    response = client.get("/permanent")
    assert "Expires=" in response.headers["Set-Cookie"]
    fake.clock.advance(7100)
    assert client.get("/").get_json() == {"_permanent": True}
    fake.clock.advance(7201)
    assert client.get("/").get_json() == {}


def test_an_application_without_a_secret_is_told() -> None:
    app = app_on(FakeKv(), PROPAGATE_EXCEPTIONS=True)
    app.config["SECRET_KEY"] = None
    with pytest.raises(KvError, match="SECRET_KEY"):
        app.test_client().get("/")
