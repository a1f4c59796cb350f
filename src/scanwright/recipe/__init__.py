"""From data, machine and time to a recipe in which every decision has its reason."""

from scanwright.recipe.assemble import assemble_loss, assemble_network, sketch_network
from scanwright.recipe.balance import Truth, Weigh, by_effective_number, by_power
from scanwright.recipe.boxes import BoxFacts
from scanwright.recipe.cascade import finder_recipe
from scanwright.recipe.decide import DecisionChoice
from scanwright.recipe.finder import FinderChoice
from scanwright.recipe.finding import enough_finding_windows
from scanwright.recipe.fingerprint import Development, Fingerprint, take_fingerprint
from scanwright.recipe.masks import Intensities, MaskFacts
from scanwright.recipe.outline import enough_windows
from scanwright.recipe.recipe import (
    InferenceChoice,
    LossChoice,
    NetworkChoice,
    OptimiserChoice,
    Recipe,
    ScheduleChoice,
    TaskChoice,
    TrainingChoice,
    check_setting_name,
    read_recipe,
)
from scanwright.recipe.resources import Resources
from scanwright.recipe.rules import choose_split, enough_passes, write_recipe
from scanwright.recipe.task import TASKS, Task

__all__ = [
    "TASKS",
    "BoxFacts",
    "DecisionChoice",
    "Development",
    "FinderChoice",
    "Fingerprint",
    "InferenceChoice",
    "Intensities",
    "LossChoice",
    "MaskFacts",
    "NetworkChoice",
    "OptimiserChoice",
    "Recipe",
    "Resources",
    "ScheduleChoice",
    "Task",
    "TaskChoice",
    "TrainingChoice",
    "Truth",
    "Weigh",
    "assemble_loss",
    "assemble_network",
    "by_effective_number",
    "by_power",
    "check_setting_name",
    "choose_split",
    "enough_finding_windows",
    "enough_passes",
    "enough_windows",
    "finder_recipe",
    "read_recipe",
    "sketch_network",
    "take_fingerprint",
    "write_recipe",
]
