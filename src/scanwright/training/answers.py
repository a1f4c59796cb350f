"""What trained members say of images that they had not learnt from."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np

from scanwright.image import Floats
from scanwright.inference import AS_IT_IS, Views
from scanwright.recipe import Truth
from scanwright.training.fit import Fit, Trained
from scanwright.training.image_rows import ImageRows
from scanwright.training.sampler import Rows
from scanwright.training.validate import predict_rows


@dataclass(frozen=True, slots=True)
class Outputs:
    """Network outputs on images that the networks had not learnt from.

    Parameters
    ----------
    rows
        Rows of the store, shape (N,).
    values
        Mean output of the members for which a row was validation, shape (N, outputs).
    truth
        What is true of the rows.
    """

    rows: Rows
    values: Floats
    truth: Truth


def outputs_of(fit: Fit, members: Sequence[Trained], views: Views = AS_IT_IS) -> Outputs:
    """Return the out-of-sample outputs of the members of a fit of images on all validation rows."""
    total: dict[int, Floats] = {}
    count: dict[int, int] = {}
    for member in members:
        rows = fit.folds[member.fold].validation
        for row, value in zip(rows.tolist(), _validated(fit, member, views), strict=True):
            total[row] = total.get(row, 0.0) + value
            count[row] = count.get(row, 0) + 1
    rows = np.array(sorted(total), dtype=np.int64)
    values = np.array([total[row] / count[row] for row in rows.tolist()])
    return Outputs(rows, values, _images(fit).truth[rows])


def outputs_on(fit: Fit, member: Trained, rows: Rows, views: Views = AS_IT_IS) -> Floats:
    """Return a member's outputs for rows of images, shape (N, outputs)."""
    return predict_rows(
        fit.network(member),
        _images(fit).loader(fit.means),
        rows,
        fit.compute,
        batch=fit.recipe.inference.batch,
        views=views,
    )


def _validated(fit: Fit, member: Trained, views: Views) -> Floats:
    """Return a member's outputs on its validation rows; those of a finished one are kept."""
    if views in member.answered:
        return member.answered[views]
    values = outputs_on(fit, member, fit.folds[member.fold].validation, views)
    if member.is_finished:
        member.answered[views] = values
    return values


def _images(fit: Fit) -> ImageRows:
    """Return the material of a fit, which whoever asks about rows knows to be images."""
    return cast(ImageRows, fit.material)
