from collections.abc import Callable

import numpy as np
import pytest

from scanwright.base import FileError, InputError
from scanwright.classical import FeatureOptions, Sampling, extract_features, feature_table
from scanwright.image import Array, Image

SAMPLING = Sampling(2, None, 24)
OPTIONS = FeatureOptions(families=("intensity", "cooccurrence"))
Draw = Callable[[int, np.random.Generator], Image]


def test_rows_are_the_features_of_the_cases_in_their_order(texture: Draw) -> None:
    rng = np.random.default_rng(0)
    images = {f"case {index}": texture(index % 2, rng) for index in range(9)}

    def read(name: str) -> tuple[Image, Array | None]:
        return images[name], None

    table = feature_table([(name, name) for name in images], read, SAMPLING, OPTIONS)
    assert table.cases == tuple(images)
    assert table.values.shape == (9, len(table.names))
    alone = extract_features(SAMPLING.apply(images["case 4"])[0], None, OPTIONS)
    assert table.names == alone.names
    assert np.allclose(table.values[4], alone.values, rtol=1e-6)
    assert set(table.families) == {"intensity", "cooccurrence"}
    assert sum(len(columns) for columns in table.families.values()) == len(table.names)
    assert table.seconds_per_case > 0


def test_a_case_that_cannot_be_read_is_named_with_its_reason(texture: Draw) -> None:
    def read(index: int) -> tuple[Image, Array | None]:
        if index == 1:
            raise FileError("The file is torn.")
        return texture(0, np.random.default_rng(index)), None

    table = feature_table([(f"{i}", i) for i in range(3)], read, SAMPLING, OPTIONS)
    assert table.cases == ("0", "2")
    assert table.skipped == (("1", "The file is torn."),)


def test_no_readable_case_is_refused() -> None:
    def read(_: int) -> tuple[Image, Array | None]:
        raise FileError("The file is torn.")

    with pytest.raises(InputError, match="No case could be measured"):
        feature_table([("a", 0)], read, SAMPLING, OPTIONS)
