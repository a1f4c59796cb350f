"""What is wrong with a data set before anything is learnt from it.

The room is not called `audit`: on the package's face that name is the function of the workflow.
"""

from scanwright.auditing.audit import Audit, Passed, examine, in_order
from scanwright.auditing.check import CHECKS, Check
from scanwright.auditing.claim import accuracy_width, auc_width
from scanwright.auditing.confident import Doubts, find_doubts
from scanwright.auditing.doubts import doubt_labels
from scanwright.auditing.finding import Finding, NotChecked, Severity
from scanwright.auditing.look import Look, take_look
from scanwright.auditing.near import NearOptions, find_near_duplicates
from scanwright.auditing.near_pair import Kind, NearDuplicates, NearPair
from scanwright.auditing.picture import Picture, reduce_image
from scanwright.auditing.proposal import propose_table
from scanwright.auditing.shortcut import Guess, measure_shortcut
from scanwright.auditing.survey import Question, Survey, label_words, take_survey

__all__ = [
    "CHECKS",
    "Audit",
    "Check",
    "Doubts",
    "Finding",
    "Guess",
    "Kind",
    "Look",
    "NearDuplicates",
    "NearOptions",
    "NearPair",
    "NotChecked",
    "Passed",
    "Picture",
    "Question",
    "Severity",
    "Survey",
    "accuracy_width",
    "auc_width",
    "doubt_labels",
    "examine",
    "find_doubts",
    "find_near_duplicates",
    "in_order",
    "label_words",
    "measure_shortcut",
    "propose_table",
    "reduce_image",
    "take_look",
    "take_survey",
]
