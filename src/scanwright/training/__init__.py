"""From prepared images and a recipe to trained members, resumable and inside the budget."""

from scanwright.training.budget import Costs, Pace, Plan, enough_steps, plan_steps
from scanwright.training.crew import train_side_by_side
from scanwright.training.fit import Fit, Fold, Outputs, Trained
from scanwright.training.member import History
from scanwright.training.optimise import OPTIMISERS
from scanwright.training.schedule import SCHEDULES
from scanwright.training.timing import time_training
from scanwright.training.viewing import candidate_views, choose_views

__all__ = [
    "OPTIMISERS",
    "SCHEDULES",
    "Costs",
    "Fit",
    "Fold",
    "History",
    "Outputs",
    "Pace",
    "Plan",
    "Trained",
    "candidate_views",
    "choose_views",
    "enough_steps",
    "plan_steps",
    "time_training",
    "train_side_by_side",
]
