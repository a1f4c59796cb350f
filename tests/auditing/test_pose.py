import numpy as np
import pytest

from scanwright.auditing import NotChecked
from scanwright.auditing.pose import POSES, check_inverted, check_pose, dihedral
from tests.auditing.builders import bodies, survey_of

UNDONE = {
    1: lambda a: np.rot90(a, 1, (1, 2)),
    2: lambda a: np.rot90(a, 2, (1, 2)),
    3: lambda a: np.rot90(a, 3, (1, 2)),
    4: lambda a: a[:, :, ::-1],
    6: lambda a: a[:, ::-1],
}


@pytest.mark.parametrize("pose", sorted(UNDONE))
def test_one_turned_image_among_many_is_named_with_its_pose(pose: int) -> None:
    arrays = bodies(30)
    arrays[11] = np.ascontiguousarray(UNDONE[pose](arrays[11]))
    (found,) = check_pose(survey_of(arrays))
    assert found.cases == ("case 011",)
    assert found.words["case 011"].startswith(POSES[pose])


def test_one_inverted_image_among_many_is_named() -> None:
    arrays = bodies(30)
    arrays[4] = 255 - arrays[4]
    survey = survey_of(arrays)
    (found,) = check_inverted(survey)
    assert found.cases == ("case 004",)
    assert check_inverted(survey_of(bodies(30))) == check_pose(survey_of(bodies(30))) == []


def test_sets_without_a_common_pose_are_left_alone() -> None:
    rng = np.random.default_rng(0)
    noise = [rng.integers(0, 255, (1, 40, 40)).astype(np.uint8) for _ in range(30)]
    with pytest.raises(NotChecked, match="differ too much"):
        check_pose(survey_of(noise))
    with pytest.raises(NotChecked, match="fewer than"):
        check_pose(survey_of(bodies(5)))


def test_the_eight_poses_differ_and_the_first_is_the_image() -> None:
    picture = np.arange(16.0).reshape(1, 4, 4)
    posed = [one.tobytes() for one in map(np.ascontiguousarray, dihedral(picture))]
    assert len(set(posed)) == 8
    assert posed[0] == picture.tobytes()
