"""The courses by what a network gives for a case."""

from collections.abc import Callable
from pathlib import Path

from scanwright.base import SILENT, Catalog, Progress
from scanwright.recipe import TASKS
from scanwright.workflows.box_course import BoxCourse
from scanwright.workflows.course import Course
from scanwright.workflows.image_course import ImageCourse
from scanwright.workflows.mask_course import MaskCourse
from scanwright.workflows.prepare import Prepared

COURSES: Catalog[Callable[[Prepared, Path, Progress], Course]] = Catalog(
    "course", {"box": BoxCourse.open, "case": ImageCourse.open, "element": MaskCourse.open}
)
"""What a network gives for a case → how its course is opened."""


def open_course(prepared: Prepared, folder: Path, progress: Progress = SILENT) -> Course:
    """Bring the cases into the form that is learnt from, or reuse what is in `folder`."""
    return COURSES[TASKS[prepared.recipe.task.kind].answer](prepared, folder, progress)
