"""What is made for answers about whole images is refused for outlines, with what to do instead."""

from scanwright.base import InputError
from scanwright.recipe import TASKS


def check_whole_images(kind: str, command: str, instead: str) -> None:
    """Refuse a kind of task that is answered for each element of an image.

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
        Such a task is answered by outlines.
    """
    if TASKS[kind].answer != "case":
        raise InputError(
            f"{command} is for answers about whole images; this is about outlines.",
            got=kind,
            legal=", ".join(name for name, task in TASKS.items() if task.answer == "case"),
            next=instead,
        )
