"""One file fetched over the network, whole and with the right checksum or not at all."""

import hashlib
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from scanwright.base import (
    SILENT,
    FileError,
    Progress,
    ResourceError,
    free_disk_bytes,
    replacing,
)

TIMEOUT_SECONDS = 60.0
BLOCK_BYTES = 1 << 18


class _Response(Protocol):
    """What is needed of an answer over HTTP."""

    def read(self, amount: int) -> bytes: ...

    def getheader(self, name: str) -> str | None: ...

    def close(self) -> None: ...


def download(url: str, path: Path, md5: str, progress: Progress = SILENT) -> None:
    """Fetch a file.

    Parameters
    ----------
    md5
        Published MD5 of the content, hexadecimal.

    Raises
    ------
    FileError
        The content is not what was published, or the download ended early; nothing is left.
    ResourceError
        The network does not answer, or the disk is too small.
    """
    if urlsplit(url).scheme not in ("http", "https"):
        raise FileError("Only http and https are downloaded.", got=url)
    with replacing(path) as temporary, temporary.open("wb") as out:
        digest = hashlib.md5(usedforsecurity=False)

        def keep(block: bytes) -> None:
            digest.update(block)
            out.write(block)

        _receive(url, path, keep, progress)
        if digest.hexdigest() != md5:
            raise FileError(
                "The download is not the published file.",
                got=f"MD5 {digest.hexdigest()}",
                legal=f"MD5 {md5}",
                next="try again later; if it stays so, the source has changed: do not use it",
                where=url,
            )


def md5_of(path: Path) -> str:
    """Return the MD5 of a file, hexadecimal: what MedMNIST publishes."""
    digest = hashlib.md5(usedforsecurity=False)
    with path.open("rb") as stream:
        while block := stream.read(BLOCK_BYTES):
            digest.update(block)
    return digest.hexdigest()


def _receive(url: str, path: Path, keep: Callable[[bytes], None], progress: Progress) -> None:
    with closing(_ask(url)) as response:
        _receive_all(response, url, path, keep, progress)


def _receive_all(
    response: _Response,
    url: str,
    path: Path,
    keep: Callable[[bytes], None],
    progress: Progress,
) -> None:
    length = response.getheader("Content-Length")
    expected = int(length) if length and length.isdigit() else 0
    if expected > free_disk_bytes(path):
        raise ResourceError(
            "The disk is too small for the download.",
            got=f"{free_disk_bytes(path) / 1e9:.2f} GB free",
            legal=f"{expected / 1e9:.2f} GB",
            next="set SCANWRIGHT_CACHE to a folder on a larger disk",
            where=path.parent,
        )
    progress.begin(f"downloading {path.name}", expected, "B")
    received = 0
    while block := _next_block(response, url):
        keep(block)
        received += len(block)
        progress.step(len(block))
    progress.end()
    if received < expected:
        raise FileError(
            "The download ended early.",
            got=f"{received} of {expected} bytes",
            next="run the same command again",
            where=url,
        )


def _ask(url: str) -> _Response:
    from http.client import HTTPException
    from urllib.error import HTTPError
    from urllib.request import urlopen

    try:
        response: _Response = urlopen(url, timeout=TIMEOUT_SECONDS)  # noqa: S310  (scheme checked)
    except HTTPError as error:
        raise ResourceError(
            "The server refused the download.", got=f"{error.code} {error.reason}", where=url
        ) from error
    except (OSError, HTTPException) as error:
        raise _no_network(url, error) from error
    return response


def _next_block(response: _Response, url: str) -> bytes:
    from http.client import HTTPException

    try:
        return response.read(BLOCK_BYTES)
    except (OSError, HTTPException) as error:
        raise _no_network(url, error) from error


def _no_network(url: str, error: Exception) -> ResourceError:
    return ResourceError(
        "The network does not answer.",
        got=str(error) or type(error).__name__,
        next="check the connection and run the same command again",
        where=url,
    )
