"""What is wrong with a data set before anything is learnt from it.

The room is not called `audit`: on the package's face that name is the function of the workflow.
"""

__all__: list[str] = []
