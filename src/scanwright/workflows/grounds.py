"""Development images as each recipe's preprocessing leaves them, made once per preprocessing."""

import hashlib
import json
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from scanwright.base import SILENT, Progress
from scanwright.data import IMAGES, Store
from scanwright.data import Fold as SplitFold
from scanwright.recipe import Recipe
from scanwright.search import Ground
from scanwright.workflows.image_course import standardised
from scanwright.workflows.prepare import Prepared, folds_of, open_store


class Grounds:
    """Stores of development cases by what their images went through.

    Parameters
    ----------
    development
        A prepared data set without its test part.
    folds
        Inner folds.
    folder
        For the stores.
    """

    def __init__(
        self,
        development: Prepared,
        folds: Sequence[SplitFold],
        folder: Path,
        progress: Progress = SILENT,
    ) -> None:
        self._development = development
        self._folds = folds
        self._folder = folder
        self._progress = progress
        self._known: dict[str, Ground] = {}

    def store_for(self, recipe: Recipe) -> Store:
        """Return the store of a recipe's preprocessing."""
        place = self._folder / _key(recipe)
        return open_store(replace(self._development, recipe=recipe), place, self._progress)

    def ground_for(self, recipe: Recipe) -> Ground:
        """Return images, truth and inner folds for a recipe."""
        key = _key(recipe)
        if key not in self._known:
            store = self.store_for(recipe)
            truth, _ = standardised(replace(self._development, recipe=recipe), store)
            folds = tuple(folds_of(self._folds, store.rows))
            self._known[key] = Ground(store.images, self._folder / key / IMAGES, truth, folds)
        return self._known[key]

    def discard(self) -> None:
        """Delete the stores: the final training makes its own."""
        self._known.clear()
        shutil.rmtree(self._folder, ignore_errors=True)


def _key(recipe: Recipe) -> str:
    plain = json.dumps(recipe.pipeline().to_plain(), sort_keys=True)
    return hashlib.sha256(plain.encode()).hexdigest()[:16]
