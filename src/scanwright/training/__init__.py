"""From prepared images and a recipe to trained members, resumable and inside the budget."""

from scanwright.training.answers import Outputs, outputs_of, outputs_on
from scanwright.training.budget import Costs, Pace, Plan, enough_steps, plan_steps
from scanwright.training.crew import train_members, train_side_by_side
from scanwright.training.fit import Fit, Trained
from scanwright.training.guessed_rows import SHARED, GuessedRows, Guesses, drawn_by_label
from scanwright.training.held_out import HeldOut, held_out
from scanwright.training.image_rows import ImageRows
from scanwright.training.loader import Loader
from scanwright.training.material import Batch, Feed, Fold, Judge, Material, Means, Phase, Verdict
from scanwright.training.member import History
from scanwright.training.mirroring import choose_mirrors
from scanwright.training.optimise import OPTIMISERS
from scanwright.training.schedule import SCHEDULES
from scanwright.training.stored_windows import StoredWindows
from scanwright.training.timing import time_training
from scanwright.training.validate import predict_rows
from scanwright.training.viewing import candidate_views, choose_views

__all__ = [
    "OPTIMISERS",
    "SCHEDULES",
    "SHARED",
    "Batch",
    "Costs",
    "Feed",
    "Fit",
    "Fold",
    "GuessedRows",
    "Guesses",
    "HeldOut",
    "History",
    "ImageRows",
    "Judge",
    "Loader",
    "Material",
    "Means",
    "Outputs",
    "Pace",
    "Phase",
    "Plan",
    "StoredWindows",
    "Trained",
    "Verdict",
    "candidate_views",
    "choose_mirrors",
    "choose_views",
    "drawn_by_label",
    "enough_steps",
    "held_out",
    "outputs_of",
    "outputs_on",
    "plan_steps",
    "predict_rows",
    "time_training",
    "train_members",
    "train_side_by_side",
]
