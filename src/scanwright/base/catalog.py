"""An explicit table of plugs by name, open to third parties through entry points."""

from collections.abc import Iterator, Mapping
from importlib.metadata import entry_points
from typing import Generic, TypeVar

from scanwright.base.options import unknown_name

T = TypeVar("T")


class Catalog(Generic[T]):
    """A table name → plug.

    Parameters
    ----------
    kind
        What the plugs are, in the singular, for messages ("network").
    entries
        Our own plugs.
    group
        Entry-point group through which other packages add theirs; read at the first miss.
    """

    def __init__(self, kind: str, entries: Mapping[str, T], group: str | None = None) -> None:
        self.kind = kind
        self._entries = dict(entries)
        self._group = group

    def __getitem__(self, name: str) -> T:
        if name not in self._entries:
            self._add_entry_points()
        if name not in self._entries:
            raise unknown_name(self.kind, name, list(self._entries))
        return self._entries[name]

    def __contains__(self, name: object) -> bool:
        return name in self._entries

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._entries))

    def __len__(self) -> int:
        return len(self._entries)

    def items(self) -> list[tuple[str, T]]:
        """Return the table in the order of names."""
        return sorted(self._entries.items(), key=lambda entry: entry[0])

    def _add_entry_points(self) -> None:
        if self._group is None:
            return
        for point in entry_points(group=self._group):
            if point.name not in self._entries:
                self._entries[point.name] = point.load()
