"""Runs that outline regions and that find, each made once for all tests of this room."""

import time
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.workflows.found_run import FoundRun, make_found_run
from tests.workflows.mask_run import OPTIONS, make_regions

from scanwright.training import Fit, Trained
from scanwright.workflows.course import fit_of
from scanwright.workflows.mask_course import MaskCourse
from scanwright.workflows.prepare import Prepared, prepare
from scanwright.workflows.train import TrainResult, train


@dataclass(frozen=True, slots=True)
class OutlinedRun:
    """A finished run, and its parts as the run had them at the end."""

    data: Path
    result: TrainResult
    prepared: Prepared
    course: MaskCourse
    fit: Fit
    members: list[Trained]

    @property
    def folder(self) -> Path:
        """The output of the run."""
        return self.result.folder


@pytest.fixture(scope="session")
def outlined_run(tmp_path_factory: pytest.TempPathFactory) -> OutlinedRun:
    folder = tmp_path_factory.mktemp("outlined")
    data = make_regions(folder / "set")
    result = train(data, folder / "run", OPTIONS)
    options = OPTIONS.model_copy(update={"recipe": folder / "run" / "recipe.toml", "settings": {}})
    prepared = prepare(str(data), options, time.monotonic())
    course = MaskCourse.open(prepared, folder / "run" / "state" / "store")
    fit = fit_of(course, prepared, folder / "run" / "state")
    return OutlinedRun(data, result, prepared, course, fit, course.train(fit))


@pytest.fixture(scope="session")
def found_run(tmp_path_factory: pytest.TempPathFactory) -> FoundRun:
    return make_found_run(tmp_path_factory.mktemp("found"))
