"""Servers that do not answer as they should."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress

Serve = Callable[[socket.socket, threading.Event], None]


@contextmanager
def hanging_server() -> Generator[str, None, None]:
    """Takes requests and says nothing."""
    with _server(_wait) as url:
        yield url


@contextmanager
def trickling_server() -> Generator[str, None, None]:
    """Answers a byte at a time, for ever."""
    with _server(_trickle) as url:
        yield url


@contextmanager
def header_trickling_server() -> Generator[str, None, None]:
    """Sends a header a byte at a time, for ever."""
    with _server(_trickle_header) as url:
        yield url


def _wait(connection: socket.socket, ended: threading.Event) -> None:
    with connection:
        ended.wait(30)


def _trickle(connection: socket.socket, ended: threading.Event) -> None:
    _send_slowly(connection, ended, b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")


def _trickle_header(connection: socket.socket, ended: threading.Event) -> None:
    _send_slowly(connection, ended, b"HTTP/1.1 200 OK\r\nX-Long: ")


def _send_slowly(connection: socket.socket, ended: threading.Event, begin: bytes) -> None:
    with connection, suppress(OSError):
        connection.recv(65536)
        connection.sendall(begin)
        while not ended.is_set():
            connection.sendall(b"x")
            time.sleep(0.02)


@contextmanager
def _server(serve: Serve) -> Generator[str, None, None]:
    ended = threading.Event()
    threads: list[threading.Thread] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(0.05)

        def accept() -> None:
            while not ended.is_set():
                with suppress(TimeoutError, OSError):
                    connection, _ = listening.accept()
                    thread = threading.Thread(target=serve, args=(connection, ended))
                    threads.append(thread)
                    thread.start()

        accepting = threading.Thread(target=accept)
        accepting.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            ended.set()
            accepting.join()
            for thread in threads:
                thread.join()
