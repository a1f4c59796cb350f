"""Every error that a user can meet, with its exit code and its server status.

The tree::

    ScanwrightError            1   a fault of ours, or of no better class
    ├── InputError             3   what was handed in cannot be used
    │   ├── FileError          3   a file cannot be read or is not what it says
    │   ├── GeometryError      3   positions, spacing or directions contradict each other
    │   ├── ShapeError         3   an array has the wrong shape or type
    │   ├── LabelError         3   labels are missing, unknown or too few
    │   └── SplitError         3   train, validation and test cannot be kept apart
    ├── RecipeError            4   a setting is unknown or out of its limits
    ├── BundleError            5   a bundle is damaged or does not fit its input
    └── ResourceError          6   memory, disk, device or a package is missing
        └── OccupiedError      7   another run is using the output
"""

from typing import ClassVar


class ScanwrightError(Exception):
    """An error with the five things a reader needs: what, got, legal, next, where.

    Parameters
    ----------
    what
        One sentence saying what is wrong.
    got, legal
        What was found, and what would have been accepted.
    next
        What the reader can do now.
    where
        The file, field or line; never a patient's name or identifier.
    """

    exit_code: ClassVar[int] = 1
    status: ClassVar[int] = 500

    def __init__(
        self,
        what: str,
        *,
        got: object = None,
        legal: object = None,
        next: object = None,  # noqa: A002  (the word the reader sees)
        where: object = None,
    ) -> None:
        self.what = what
        self.got = got
        self.legal = legal
        self.next = next
        self.where = where
        super().__init__(self.sentence())

    def __reduce__(self) -> tuple[object, ...]:
        # In words: between processes not every value found can travel.
        return _rebuild, (type(self), self.what, self.details())

    def sentence(self) -> str:
        """Return the message on one line."""
        parts = [self.what]
        for name, value in self.details().items():
            parts.append(f"{name}: {value}")
        return " | ".join(parts)

    def details(self) -> dict[str, str]:
        """Return got, legal, next and where, leaving out what was not given."""
        known = {"got": self.got, "legal": self.legal, "next": self.next, "where": self.where}
        return {name: str(value) for name, value in known.items() if value is not None}


def _rebuild(kind: type[ScanwrightError], what: str, details: dict[str, str]) -> ScanwrightError:
    """Make an error again after a journey between processes."""
    return kind(what, **details)


class InputError(ScanwrightError):
    """What was handed in cannot be used."""

    exit_code = 3
    status = 400


class FileError(InputError):
    """A file cannot be read, or is not what its name says."""


class GeometryError(InputError):
    """Positions, spacing or directions contradict each other."""


class ShapeError(InputError):
    """An array has the wrong shape or type."""


class LabelError(InputError):
    """Labels are missing, unknown, or too few to learn from."""


class SplitError(InputError):
    """Train, validation and test cannot be kept apart."""


class RecipeError(ScanwrightError):
    """A setting is unknown or out of its limits."""

    exit_code = 4
    status = 422


class BundleError(ScanwrightError):
    """A bundle is damaged, or its input does not fit it."""

    exit_code = 5
    status = 422


class ResourceError(ScanwrightError):
    """Memory, disk, device or a package is missing."""

    exit_code = 6
    status = 503


class OccupiedError(ResourceError):
    """Another run is using the output."""

    exit_code = 7
    status = 409


EXIT_CODES: dict[int, str] = {
    0: "done",
    1: "an error inside scanwright; run again with --debug and report it",
    2: "the command line was not understood",
    3: "the input cannot be used (file, geometry, shape, label or split)",
    4: "a setting in the recipe or on the command line is unknown or out of its limits",
    5: "the bundle is damaged or does not fit the input",
    6: "memory, disk, device or a package is missing",
    7: "another run is using the output",
    130: "stopped by the user; what was finished is kept and the run can be resumed",
}
