"""What a transform is: it draws what it needs from a case, applies it, and undoes it."""

from abc import abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any, ClassVar, Protocol, TypeVar

import numpy as np
from pydantic import Field

from scanwright.base import GeometryError, Options, RecipeError, ShapeError
from scanwright.image import Box, BoxesTarget, Case, Geometry, Image, MaskTarget
from scanwright.transforms.axis_map import Interpolation, LabelInterpolation

Drawn = Any  # Any: each transform has its own kind of facts, which only it reads
"""What a transform drew from a case: all that `apply` and `undo` need beside the options."""

Trace = tuple[tuple["Transform", Drawn], ...]
"""What was done to a case, in order."""


Length = Annotated[int, Field(ge=1)]
"""A number of elements."""

Number = TypeVar("Number", int, float)


class Transform(Protocol):
    """A frozen description of a change of a case; `apply` and `undo` are pure given `drawn`."""

    kind: ClassVar[str]

    def draw(self, case: Case, rng: np.random.Generator) -> Drawn:
        """Fix what is random, and learn from the case what `apply` and `undo` need."""

    def apply(self, case: Case, drawn: Drawn) -> Case:
        """Return the changed case."""

    def undo(self, case: Case, drawn: Drawn) -> Case:
        """Return a changed case (or what was made on its grid) to where it came from."""


class ValueTransform(Options):
    """A transform of values, image by image, that leaves the grid and the target alone."""

    kind: ClassVar[str]

    def draw(self, case: Case, rng: np.random.Generator) -> Drawn:
        """Learn one set of facts per image."""
        del rng
        return tuple(self.learn(image) for image in case.images.values())

    def apply(self, case: Case, drawn: Drawn) -> Case:
        """Change the values of every image."""
        return _map_images(case, drawn, self.forward)

    def undo(self, case: Case, drawn: Drawn) -> Case:
        """Give every image its old values, as far as they were kept."""
        return _map_images(case, drawn, self.backward)

    @abstractmethod
    def learn(self, image: Image) -> Drawn:
        """Return what the change of one image depends on."""

    @abstractmethod
    def forward(self, image: Image, facts: Drawn) -> Image:
        """Change one image."""

    @abstractmethod
    def backward(self, image: Image, facts: Drawn) -> Image:
        """Change one image back."""


Fill = float | str
"""Value outside the old grid: a number, "minimum" of the image, or its nearest "edge"."""


@dataclass(frozen=True, slots=True)
class Filling:
    """How a grid change makes values between elements and outside the grid."""

    between: Interpolation | LabelInterpolation = "linear"
    outside: Fill = 0.0
    low_pass: bool = True


class GridTransform(Options):
    """A transform of the grid: images, label map and boxes move together."""

    kind: ClassVar[str]

    def draw(self, case: Case, rng: np.random.Generator) -> Drawn:
        """Learn one set of facts per image."""
        del rng
        return tuple(self.learn(image) for image in case.images.values())

    def apply(self, case: Case, drawn: Drawn) -> Case:
        """Move every image and the target."""
        return self._move(case, drawn, self.forward)

    def undo(self, case: Case, drawn: Drawn) -> Case:
        """Move every image and the target back onto the old grid."""
        return self._move(case, drawn, self.backward)

    @property
    def filling(self) -> Filling:
        """How new values of images are made."""
        return Filling()

    @property
    def label_filling(self) -> Filling:
        """How new labels are chosen."""
        return Filling("vote", 0)

    @abstractmethod
    def learn(self, image: Image) -> Drawn:
        """Return what the change of one image depends on."""

    @abstractmethod
    def forward(self, image: Image, facts: Drawn, filling: Filling) -> Image:
        """Move one image."""

    @abstractmethod
    def backward(self, image: Image, facts: Drawn, filling: Filling) -> Image:
        """Move one image back."""

    def _move(
        self, case: Case, drawn: Drawn, change: Callable[[Image, Drawn, Filling], Image]
    ) -> Case:
        moved = _map_images(case, drawn, lambda image, facts: change(image, facts, self.filling))
        target = case.target
        if isinstance(target, MaskTarget):
            facts = _facts_for(target.labels, case, drawn)
            labels = change(target.labels, facts, self.label_filling)
            return replace(moved, target=replace(target, labels=labels))
        if isinstance(target, BoxesTarget):
            old, new = next(iter(case.images.values())), next(iter(moved.images.values()))
            return replace(moved, target=_move_boxes(target, old.geometry, new))
        return moved


def per_axis(values: Sequence[Number], rank: int, where: str) -> tuple[Number, ...]:
    """Return one value per spatial axis; a single one serves for all.

    Raises
    ------
    RecipeError
        There are neither one nor `rank` values.
    """
    if len(values) == 1:
        return (values[0],) * rank
    if len(values) != rank:
        raise RecipeError(
            "The option has not one value per spatial axis.",
            got=list(values),
            legal=f"1 or {rank} values",
            where=where,
        )
    return tuple(values)


def check_size(image: Image, size: tuple[int, ...]) -> None:
    """Raise ShapeError unless an image to be moved back has the size that it was given."""
    if image.size != size:
        raise ShapeError(
            "The image is not on the grid that the transform made.", got=image.size, legal=size
        )


def _map_images(case: Case, drawn: Drawn, change: Callable[[Image, Drawn], Image]) -> Case:
    pairs = zip(case.images.items(), drawn, strict=True)
    return replace(case, images={name: change(image, facts) for (name, image), facts in pairs})


def _facts_for(labels: Image, case: Case, drawn: Drawn) -> Drawn:
    for image, facts in zip(case.images.values(), drawn, strict=True):
        if image.size == labels.size and image.geometry.is_close(labels.geometry):
            return facts
    raise GeometryError(
        "The label map does not lie on the grid of any image.",
        got=labels,
        legal=", ".join(str(image) for image in case.images.values()),
        where=case.name,
    )


def _move_boxes(target: BoxesTarget, old: Geometry, new: Image) -> BoxesTarget:
    moved = (_move_box(box, old, new) for box in target.boxes)
    return BoxesTarget(tuple(box for box in moved if box is not None))


def _move_box(box: Box, old: Geometry, new: Image) -> Box | None:
    corners = new.geometry.to_index(old.to_world([box.low, box.high]))
    last = np.array(new.size) - 0.5
    low = np.clip(corners.min(axis=0), -0.5, last)
    high = np.clip(corners.max(axis=0), -0.5, last)
    if not np.all(low < high):
        return None  # wholly outside the new grid
    return Box(tuple(low.tolist()), tuple(high.tolist()), box.label)
