"""What is made for answers about whole images is refused for others, with what to do instead."""

from scanwright.base import InputError
from scanwright.recipe import TASKS

PLURALS = {"element": "outlines", "box": "boxes"}
"""What a network answers for → what its answers are called."""


def check_whole_images(kind: str, command: str, instead: str) -> None:
    """Refuse a kind of task that is answered for parts of an image.

    Parameters
    ----------
    kind
        Of the task, as in `TASKS`.
    command
        What was asked for, as the subject of a sentence.
    instead
        What is possible.

    Raises
    ------
    InputError
        Such a task is answered by outlines or boxes.
    """
    answer = TASKS[kind].answer
    if answer != "case":
        raise InputError(
            f"{command} is for answers about whole images; this is about {PLURALS[answer]}.",
            got=kind,
            legal=", ".join(name for name, task in TASKS.items() if task.answer == "case"),
            next=instead,
        )
