"""Finders beside a peer: `scanwright train` on boxes, and MONAI's RetinaNet in the same time.

Run: python benchmarks/findings.py [--set brain_mri|nodules] [--minutes M] [--seed S] [--paired]

Sets: brain MRI tumours (500 images to learn from, AP on 201 others, with and without those that are
near duplicates of what is learnt from: gradient hashes of 16 × 16 bits that differ in 6 at most),
and nodules in simulated CT of 128³ (`--cases`, a quarter for the test). Ours is the command as a
user gives it, every choice the rules'. The peer's settings, and how kindly it is treated, stand in
`findings_peer.py`; its input has the size that our rules chose, its images are prepared and changed
by our code. Both are judged by the same code, on the images' own grids.

Ours keeps its time for everything, from indexing to the report; the peer's seconds count only while
it learns. One after the other, each has all cores. With `--paired` both run at the same time, one
network and one core each, so that the comparison is fair on a machine in use; two cores are needed.
Rows are added to the file of results, by set, minutes, seed, way and the peer's flags. Runs are
kept in runs/findings, each with a folder of its own; nodules are simulated once.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import monai
import numpy as np
from findings_sets import SETS, FindingSet, leaked, test_part

import scanwright
from scanwright.data import Entry
from scanwright.image import BoxesTarget, edges_of
from scanwright.metrics import (
    CaseBoxes,
    UndefinedMetric,
    bind_box_average_precision,
    bind_case_auc,
    bind_froc,
    match_boxes,
)

ROOT = Path(__file__).parents[1]
PEER = Path(__file__).parent / "findings_peer.py"
SINGLE = ("training.members=1", "training.workers=1", "training.threads=1")
THREADS = ("OMP", "OPENBLAS", "MKL", "NUMBA")
PUBLISHED = {
    "brain_mri": {
        "YOLOv8-L, pretrained on COCO, GPU": {"ap50": 0.944, "ap": 0.731},
        "RT-DETR-X, pretrained on COCO, GPU": {"ap50": 0.870, "ap": 0.597},
    }
}
Answers = Mapping[str, tuple[np.ndarray, np.ndarray, np.ndarray]]
"""Case → edges (N, D, 2), classes and scores."""


@dataclass(frozen=True, slots=True)
class Race:
    """What is run.

    Parameters
    ----------
    data
        What both learn from.
    folder
        For the run, what the peer found, and what either says.
    """

    which: FindingSet
    data: Path
    folder: Path
    seconds: float
    seed: int
    peer_words: tuple[str, ...] = ()

    def start_ours(self, core: int | None = None) -> subprocess.Popen[bytes]:
        """Begin to train as a user would."""
        words = [
            "-m", "scanwright", "train", str(self.data), "-o", str(self.folder / "run"),
            "--modality", self.which.modality, "--budget", f"{self.seconds:g}s",
            "--seed", str(self.seed), "--json",
        ]  # fmt: skip
        settings = SINGLE if core is not None else ()
        return self._start("ours", [*words, *(f"--set={one}" for one in settings)], core)

    def start_peer(self, recipe: Path | None, core: int | None = None) -> subprocess.Popen[bytes]:
        """Begin to train the peer on what the recipe prepares."""
        words = [
            str(PEER), str(self.data), "--modality", self.which.modality,
            "--seconds", f"{self.seconds:g}", "--seed", str(self.seed),
            "--out", str(self.folder / "peer.json"), *self.peer_words,
        ]  # fmt: skip
        more = ["--recipe", str(recipe)] if recipe else []
        return self._start("peer", [*words, *more], core)

    def _start(self, name: str, words: Sequence[str], core: int | None) -> subprocess.Popen[bytes]:
        one = {f"{own}_NUM_THREADS": "1" for own in THREADS} if core is not None else {}
        with (
            (self.folder / f"{name}.out").open("wb") as out,
            (self.folder / f"{name}.err").open("wb") as errors,
        ):
            started = subprocess.Popen(
                [sys.executable, *words], env={**os.environ, **one}, stdout=out, stderr=errors
            )
        if core is not None:
            os.sched_setaffinity(started.pid, {core})
        return started

    def ended(self, name: str, process: subprocess.Popen[bytes]) -> None:
        """Wait for one, or end with what it said."""
        if process.wait():
            told = (self.folder / f"{name}.err").read_text(errors="replace")
            raise SystemExit(f"{name} failed:\n{told[-4000:]}")


def run_in_turn(race: Race, who: Sequence[str]) -> float:
    """Run one after the other; return the seconds that ours took."""
    took = 0.0
    if "ours" in who:
        started = time.monotonic()
        race.ended("ours", race.start_ours())
        took = time.monotonic() - started
    if "peer" in who:
        recipe = race.folder / "run" / "recipe.toml"
        race.ended("peer", race.start_peer(recipe if recipe.exists() else None))
    return took


def run_paired(race: Race) -> float:
    """Run both at once, each on a core of its own; return the seconds that ours took."""
    cores = sorted(os.sched_getaffinity(0))[-2:]
    if len(cores) < 2:
        raise SystemExit("two cores are needed for --paired")
    started = time.monotonic()
    ours = race.start_ours(cores[0])
    recipe = race.folder / "run" / "recipe.toml"
    while not recipe.exists() and ours.poll() is None:
        time.sleep(0.2)
    if not recipe.exists():
        race.ended("ours", ours)
    kept = race.folder / "recipe.toml"  # the rules' own: validation adds its choices at the end
    kept.write_text(recipe.read_text())
    peer = race.start_peer(kept, cores[1])
    race.ended("ours", ours)
    took = time.monotonic() - started
    race.ended("peer", peer)
    return took


def found_by_ours(race: Race, entries: Sequence[Entry]) -> Answers:
    """Ask the bundle about each case."""
    model = scanwright.load(race.folder / "run" / "bundle")
    answers = {}
    for entry in entries:
        (found,) = model.find(list(entry.files))
        answers[entry.name] = (found.edges, found.classes, found.scores)
    return answers


def found_by_peer(told: Mapping[str, Mapping[str, list[float]]], rank: int) -> Answers:
    """Read what the peer found."""
    return {
        name: (
            np.array(one["edges"], dtype=float).reshape(-1, rank, 2),
            np.array(one["classes"], dtype=int),
            np.array(one["scores"], dtype=float),
        )
        for name, one in told.items()
    }


def scores_of(answers: Answers, entries: Sequence[Entry]) -> dict[str, float | None]:
    """Return the scores of some cases, equal to pycocotools' where it has them."""
    cases = []
    for entry in entries:
        assert isinstance(entry.target, BoxesTarget)
        boxes = entry.target.boxes
        edges = edges_of(boxes, len(entry.size))
        cases.append(CaseBoxes(edges, np.zeros(len(boxes), dtype=int), *answers[entry.name]))
    matches = match_boxes(cases, 1)
    statistics = {
        "ap": lambda: bind_box_average_precision(matches),
        "ap50": lambda: bind_box_average_precision(matches, [0.5]),
        "ap75": lambda: bind_box_average_precision(matches, [0.75]),
        "ap10": lambda: bind_box_average_precision(matches, [0.1]),
        "froc": lambda: bind_froc(matches),
        "auc": lambda: bind_case_auc(matches),
    }
    return {"images": matches.cases, **{name: _value(bind) for name, bind in statistics.items()}}


def _value(bind) -> float | None:
    """Return a value, None where there is none: with a finding in every image no AUC."""
    try:
        return round(bind().value(), 4)
    except UndefinedMetric:
        return None


def judged(race: Race, answers: Answers, entries: Sequence[Entry]) -> dict[str, object]:
    """Return the scores, where there are leaks also without them."""
    row: dict[str, object] = {"scores": scores_of(answers, entries)}
    if race.which.has_leaks:
        names, pairs = leaked(race.data, race.which.modality)
        kept = [entry for entry in entries if entry.name not in names]
        row["without near duplicates"] = {"pairs": pairs, **scores_of(answers, kept)}
    return row


def report(race: Race, who: Sequence[str], took: float) -> dict[str, object]:
    """Judge what was found."""
    entries = test_part(race.data, race.which.modality)
    row: dict[str, object] = {}
    if "ours" in who:
        own = json.loads((race.folder / "ours.out").read_text())["scores"]["test"]
        recipe = scanwright.read_recipe(race.folder / "run" / "recipe.toml")
        row["ours"] = {
            "wall_seconds": round(took, 1),
            "input": list(recipe.network.size),
            "networks": recipe.training.members,
            "steps": list(recipe.schedule.steps),
            "batch": recipe.training.batch,
            **judged(race, found_by_ours(race, entries), entries),
            "as it reports itself": {
                name: own[name] for name in ("ap", "ap50", "ap75", "froc", "auc") if name in own
            },
        }
    if "peer" in who:
        told = json.loads((race.folder / "peer.json").read_text())
        answers = found_by_peer(told.pop("answers"), len(entries[0].size))
        row["peer"] = {"monai": monai.__version__, **told, **judged(race, answers, entries)}
    return row


def main() -> None:
    """Lay the set out, run, judge, add the row to the results."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--set", default="brain_mri", choices=list(SETS))
    asked.add_argument("--minutes", type=float, default=30.0)
    asked.add_argument("--seed", type=int, default=0)
    asked.add_argument("--paired", action="store_true", help="both at once, a core each")
    asked.add_argument("--who", nargs="*", default=["ours", "peer"], choices=["ours", "peer"])
    asked.add_argument("--cases", type=int, default=200, help="volumes of simulated nodules")
    asked.add_argument("--peer-flags", default="", help='of findings_peer.py: "--optimiser=adam"')
    asked.add_argument("--runs", type=Path, default=ROOT / "runs" / "findings")
    asked.add_argument("--out", type=Path, default=ROOT / "benchmarks" / "results")
    flags = asked.parse_args()
    which, cases = SETS[flags.set], flags.cases if flags.set == "nodules" else 0
    data = which.lay_out(flags.runs / f"{flags.set}-{cases}", cases)
    folder = flags.runs / f"{flags.set}-{time.strftime('%Y%m%d-%H%M%S')}"
    folder.mkdir(parents=True)
    words = tuple(flags.peer_flags.split())
    race = Race(which, data.absolute(), folder.absolute(), 60 * flags.minutes, flags.seed, words)
    who = ("ours", "peer") if flags.paired else tuple(flags.who)
    took = run_paired(race) if flags.paired else run_in_turn(race, who)
    row = {
        "machine": platform.processor() or platform.machine(),
        "date": time.strftime("%Y-%m-%d"),
        "cores": 1 if flags.paired else len(os.sched_getaffinity(0)),
        "load_at_the_end": round(os.getloadavg()[1], 2),
        **report(race, who, took),
        "published": PUBLISHED.get(flags.set, {}),
    }
    print(json.dumps(row, indent=1))
    cases_words = f", {cases} volumes" if cases else ""
    way = " ".join(["paired" if flags.paired else "in turn", *words])
    name = f"{flags.set}{cases_words}, {flags.minutes:g} min, seed {flags.seed}, {way}"
    path = flags.out / "findings.json"
    rows = json.loads(path.read_text()) if path.exists() else {}
    before = rows.get(name, {})
    rows[name] = {**before, **row} if set(who) != {"ours", "peer"} else row
    path.write_text(json.dumps(rows, indent=2) + "\n")


if __name__ == "__main__":
    main()
