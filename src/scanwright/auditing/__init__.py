"""What is wrong with a data set before anything is learnt from it.

The room is not called `audit`: on the package's face that name is the function of the workflow.
"""

from scanwright.auditing.near_pair import Kind, NearDuplicates, NearPair
from scanwright.auditing.picture import Picture, reduce_image

__all__ = ["Kind", "NearDuplicates", "NearPair", "Picture", "reduce_image"]
