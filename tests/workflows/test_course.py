"""A fit is made of a course and of what was prepared."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
from tests.training.builders import CPU, ROWS, toy_images, toy_recipe, toy_truth

from scanwright.training import Fold, ImageRows
from scanwright.workflows.course import fit_of


def test_a_fit_trains_on_the_material_and_folds_of_its_course(tmp_path: Path) -> None:
    rows = np.arange(ROWS)
    course = SimpleNamespace(
        material=ImageRows(toy_images(), toy_truth("classes")),
        folds=[Fold(rows[:24], rows[24:])],
    )
    recipe = toy_recipe()
    machine = SimpleNamespace(memory_bytes=1 << 30)
    prepared = SimpleNamespace(recipe=recipe, compute=CPU, machine=machine)
    fit = fit_of(course, prepared, tmp_path)  # type: ignore[arg-type]  # a fit asks for no more
    trained = fit.run()
    assert [one.index for one in trained] == list(range(recipe.training.members))
    assert (tmp_path / "member-0.safetensors").exists()
