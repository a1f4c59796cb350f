"""Every kind of task has a course from data to evidence."""

import pytest

from scanwright.recipe import TASKS
from scanwright.workflows.courses import COURSES


@pytest.mark.parametrize("kind", list(TASKS))
def test_a_task_of_each_kind_has_a_course(kind: str) -> None:
    assert callable(COURSES[TASKS[kind].answer])
