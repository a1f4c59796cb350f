"""What a file format has to offer to be read and written."""

from pathlib import Path
from typing import ClassVar, Protocol

from scanwright.image import Image
from scanwright.io.header import Header
from scanwright.io.limits import ReadLimits

HEAD_BYTES = 2048
"""How much of a file's beginning is shown to `Format.signature`."""


class Format(Protocol):
    """One kind of file.

    Errors of decoding libraries may leave `probe` and `read` as they are; the public functions
    turn them into a `FileError`.
    """

    suffixes: ClassVar[tuple[str, ...]]
    """Endings of file names, lower case with the dot, the usual one first."""

    @staticmethod
    def signature(head: bytes) -> bool:
        """Whether a file that begins with `head` (unpacked, if gzipped) is of this format."""

    def probe(self, path: Path, limits: ReadLimits) -> Header:
        """Read what is known without decoding pixels."""

    def read(self, path: Path, limits: ReadLimits) -> Image:
        """Read the image."""

    def write(self, image: Image, path: Path) -> None:
        """Write the image whole or not at all, or refuse what the format cannot hold."""
