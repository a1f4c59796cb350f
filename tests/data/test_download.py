import hashlib
import threading
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from scanwright.base import FileError, ResourceError
from scanwright.data import fetch_medmnist
from scanwright.data.download import download, md5_of

CONTENT = bytes(range(256)) * 4000
MD5 = hashlib.md5(CONTENT).hexdigest()


class Handler(BaseHTTPRequestHandler):
    """Serves CONTENT whole, cut short, or not at all."""

    def do_GET(self) -> None:
        if "missing" in self.path:
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(CONTENT)))
        self.end_headers()
        with suppress(ConnectionError):  # a client may hang up
            self.wfile.write(CONTENT[: len(CONTENT) // 2] if "cut" in self.path else CONTENT)

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


@pytest.fixture
def server() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()
        thread.join()


class Watcher:
    """Progress that adds up."""

    total = 0.0
    done = 0.0

    def begin(self, stage: str, total: float, unit: str = "") -> None:
        self.total = total

    def step(self, amount: float = 1, note: str = "") -> None:
        self.done += amount

    def end(self) -> None:
        """Do nothing."""


def test_a_file_with_the_right_checksum_arrives_whole(server: str, tmp_path: Path) -> None:
    watcher = Watcher()
    path = tmp_path / "new" / "a.bin"
    download(f"{server}/a.bin", path, MD5, watcher)
    assert path.read_bytes() == CONTENT
    assert md5_of(path) == MD5
    assert watcher.done == watcher.total == len(CONTENT)
    assert list(path.parent.iterdir()) == [path]


def test_a_wrong_checksum_leaves_the_old_file_and_nothing_else(server: str, tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(b"old")
    with pytest.raises(FileError, match="not the published file"):
        download(f"{server}/a.bin", path, "0" * 32)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_an_interrupted_download_leaves_nothing(server: str, tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"ended early.*512000 of 1024000 bytes"):
        download(f"{server}/cut.bin", tmp_path / "a.bin", MD5)
    assert list(tmp_path.iterdir()) == []


def test_a_refusal_and_a_dead_server_are_said(server: str, tmp_path: Path) -> None:
    with pytest.raises(ResourceError, match="404"):
        download(f"{server}/missing.bin", tmp_path / "a.bin", MD5)
    with pytest.raises(ResourceError, match="network does not answer"):
        download("http://127.0.0.1:9/a.bin", tmp_path / "a.bin", MD5)
    assert list(tmp_path.iterdir()) == []


def test_a_disk_too_small_is_said_before_the_download(
    server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scanwright.data.download.free_disk_bytes", lambda _: 10)
    with pytest.raises(ResourceError, match="disk is too small"):
        download(f"{server}/a.bin", tmp_path / "a.bin", MD5)


def test_files_of_this_machine_are_not_downloaded(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="Only http"):
        download("file:///etc/passwd", tmp_path / "a.bin", MD5)


def test_a_named_set_is_downloaded_only_if_it_is_the_published_one(
    server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCANWRIGHT_CACHE", str(tmp_path))
    with pytest.raises(FileError, match="750601b1f35ba3300ea97c75c52ff8f6"):
        fetch_medmnist("medmnist:breastmnist", allow_network=True, base_url=server)
    assert list((tmp_path / "medmnist").iterdir()) == []
