"""Time to find in one 512 × 512 grey image, beside a network of YOLOv8-n's size in ONNX Runtime.

Ours is all that `DetectionPredictor` does for an image: checks, preprocessing, the search for air,
the network at its default width, proposals, fusion, calibration. The peer is what
`finding_speed_peer.py` builds, with as many channels and classes as ours, its normalisations folded
and exported to ONNX; its time holds the scaling of values, the network and the suppression of
candidates (compiled: ours). Weights are seeded, statistics are those of the image, and both are
shifted so that a hundred cells are above the threshold. All compute in float32.

Each contestant is a process of its own, so that none pays for another's idle threads. They take
turns, round by round; what counts is the median of the rounds' seconds of the clock and of the
processor. Threads of ONNX Runtime and of torch that wait for others turn or sleep: run both ways,
for turning saves time of the clock and costs processor time; of each measure the peer's lower
counts. On a machine in use the clock tells little of two threads, for one waits where the other has
no core; the least of all images is noted beside it.

Needs an environment with the peer: `python -m venv .venv-peers-yolo`, then in it
`pip install -e '.[openvino]'` and `pip install onnx onnxruntime onnxscript`.

Run: .venv-peers-yolo/bin/python benchmarks/finding_speed.py [--json FILE]
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:  # the peer's process shall not hold torch
    import torch
    from torch import nn

SIZE = (512, 512)
LABELS = ("one", "two", "three")
ABOVE = 100
"""Answers above the threshold."""
LEAST_SCORE, PEER_LEAST_SCORE, PEER_OVERLAP = 0.02, 0.25, 0.7
ROUNDS, IMAGES, WARM = 15, 10, 5
THREADS = (1, 2)
BAR = 1.0

Run = Callable[[np.ndarray], int]
"""Finds in an image (Y, X) of 8 bits; returns how many findings there are."""


def grey_image(seed: int = 0) -> np.ndarray:
    """Return discs of several sizes and brightnesses in noise, uint8."""
    rng = np.random.default_rng(seed)
    rows, columns = np.mgrid[: SIZE[0], : SIZE[1]]
    image = rng.normal(90, 20, SIZE)
    for _ in range(60):
        y, x, radius = rng.uniform(0, SIZE[0]), rng.uniform(0, SIZE[1]), rng.uniform(4, 40)
        image += rng.uniform(-50, 60) * ((rows - y) ** 2 + (columns - x) ** 2 < radius**2)
    return np.clip(image, 1, 255).astype(np.uint8)


def as_input(image: np.ndarray) -> np.ndarray:
    """Return an image as networks see it, (1, 1, Y, X)."""
    return (image.astype(np.float32) * np.float32(1 / 255))[None, None]


def with_statistics(network: "nn.Module", image: np.ndarray) -> "nn.Module":
    """Give the batch normalisations the statistics of an image."""
    import torch

    for layer in network.modules():
        if isinstance(layer, torch.nn.BatchNorm2d):
            layer.momentum = None  # the mean over all passes
    network.train()
    with torch.no_grad():
        network(torch.from_numpy(as_input(image)))
    return network.eval()


def shift_for(odds: "torch.Tensor", score: float) -> float:
    """Return what to add to log-odds so that a hundred answers are above a score."""
    last, first_below = odds.flatten().topk(ABOVE + 1).values[-2:].tolist()
    return float(np.log(score / (1 - score))) - (last + first_below) / 2


def ours(image: np.ndarray, threads: int, runtime: str) -> Run:
    """Return our predictor, whose networks a runtime runs."""
    import torch

    from scanwright.image import Case, Geometry, Image
    from scanwright.inference import DetectionPredictor, InputLimits, choose_compute
    from scanwright.nets import NetworkOptions, build_network
    from scanwright.transforms import Pipeline

    options = NetworkOptions(rank=2, size=SIZE, outputs=len(LABELS), width=0.5)
    network = with_statistics(build_network("detector", options, seed=0), image)
    with torch.no_grad():
        odds = network(torch.from_numpy(as_input(image)))[:, : len(LABELS)]
        network.head.answers[0].bias += shift_for(odds, LEAST_SCORE)
    predictor = DetectionPredictor(
        (network,),
        Pipeline.from_plain([{"kind": "range", "low": 0.0, "high": 255.0}]),
        LABELS,
        InputLimits(rank=2, channels=(1,), smallest=SIZE, largest=SIZE),
        choose_compute("cpu", "float32", threads),
        window=SIZE,
    ).quickened(runtime)
    grid = Geometry.axial((1.0, 1.0))

    def run(seen: np.ndarray) -> int:
        return len(predictor.predict_one(Case.of(Image(seen[None], grid))))

    return run


def export_peer(image: np.ndarray, target: Path) -> None:
    """Write the peer as ONNX; end where it then answers otherwise."""
    import finding_speed_peer
    import onnxruntime
    import torch

    torch.manual_seed(0)
    network = with_statistics(finding_speed_peer.Yolo8Nano(1, len(LABELS), SIZE), image)
    finding_speed_peer.fold(network)
    given = as_input(image)
    with torch.no_grad():
        shift = shift_for(network(torch.from_numpy(given))[1].logit(), PEER_LEAST_SCORE)
        for answer in network.answers:
            answer.kind[-1].bias += shift
        expected = network(torch.from_numpy(given))
    torch.onnx.export(network, (torch.from_numpy(given),), target, dynamo=True, verbose=False)
    session = onnxruntime.InferenceSession(str(target), providers=["CPUExecutionProvider"])
    answers = session.run(None, {session.get_inputs()[0].name: given})
    for got, wanted in zip(answers, expected, strict=True):
        if not np.allclose(got, wanted, atol=1e-2, rtol=1e-3):
            raise SystemExit("the exported network answers otherwise")


def peer(network: Path, threads: int, *, spins: bool) -> Run:
    """Return the peer in ONNX Runtime, whose waiting threads may spin."""
    import onnxruntime

    from scanwright.boxes import suppress

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.add_session_config_entry("session.intra_op.allow_spinning", str(int(spins)))
    session = onnxruntime.InferenceSession(
        str(network), options, providers=["CPUExecutionProvider"]
    )
    name = session.get_inputs()[0].name

    def run(seen: np.ndarray) -> int:
        boxes, scores = session.run(None, {name: as_input(seen)})
        kinds, cells = np.nonzero(scores[0] > PEER_LEAST_SCORE)
        sure = scores[0, kinds, cells]
        edges = boxes[0, :, cells].reshape(-1, 2, 2).transpose(0, 2, 1)
        return len(suppress(edges, sure, PEER_OVERLAP, groups=kinds, most=300))

    return run


CONTESTANTS: dict[str, Callable[[Path, int], Run]] = {
    "ours, torch": lambda _, threads: ours(grey_image(), threads, "torch"),
    "ours, OpenVINO": lambda _, threads: ours(grey_image(), threads, "openvino"),
    "ours, torch, waiting asleep": lambda _, threads: ours(grey_image(), threads, "torch"),
    "peer": lambda network, threads: peer(network, threads, spins=True),
    "peer, waiting asleep": lambda network, threads: peer(network, threads, spins=False),
}


def contest(name: str, network: Path, threads: int) -> None:
    """Answer each line of the input with the costs of a round, and its end with the memory."""
    run = CONTESTANTS[name](network, threads)
    image = grey_image()
    found = [run(image) for _ in range(WARM)][-1]
    print(json.dumps({"found": found}), flush=True)
    for _ in sys.stdin:
        wall, cpu = [], []
        for _ in range(IMAGES):
            started, before = time.perf_counter(), time.process_time()
            run(image)
            wall.append(time.perf_counter() - started)
            cpu.append(time.process_time() - before)
        cost = {"wall_ms": median(wall), "cpu_ms": median(cpu), "least_wall_ms": min(wall)}
        print(json.dumps({name: 1e3 * value for name, value in cost.items()}), flush=True)
    print(json.dumps({"peak_mib": peak_mib()}), flush=True)


def peak_mib() -> float:
    """Return the most memory that this process held; `getrusage` counts what started it, too."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def race(network: Path, threads: int) -> dict[str, dict[str, Any]]:
    """Let the contestants take turns; return the costs of each."""
    costs: dict[str, dict[str, Any]] = {}  # numbers, and those of each round
    workers = {}
    for name in CONTESTANTS:
        environment = {**os.environ, "OMP_NUM_THREADS": str(threads)}
        if name.endswith("asleep"):
            environment["OMP_WAIT_POLICY"] = "PASSIVE"
        asked = ["--only", name, "--network", str(network), "--threads", str(threads)]
        workers[name] = subprocess.Popen(
            [sys.executable, "-W", "ignore", __file__, *asked],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        )
        costs[name] = {**_said(workers[name]), "rounds": []}
    for turn in range(ROUNDS):
        names = list(workers) if turn % 2 == 0 else list(reversed(workers))
        for name in names:
            print("round", file=workers[name].stdin, flush=True)
            costs[name]["rounds"].append(_said(workers[name]))
            time.sleep(0.05)  # spinning threads go to sleep
    for name, worker in workers.items():
        worker.stdin.close()
        costs[name].update(_said(worker))
        worker.wait()
        for what in ("wall_ms", "cpu_ms"):
            costs[name][what] = median(turn[what] for turn in costs[name]["rounds"])
        costs[name]["least_wall_ms"] = min(turn["least_wall_ms"] for turn in costs[name]["rounds"])
        shown = {key: round(value, 1) for key, value in costs[name].items() if key != "rounds"}
        print(f"{threads} threads, {name}: {shown}", flush=True)
    return costs


def _said(worker: subprocess.Popen) -> dict[str, float]:
    """Return what a contestant says next, past what libraries print."""
    for line in worker.stdout:
        if line.startswith("{"):
            return json.loads(line)
    raise SystemExit(f"a contestant ended with {worker.wait()}")


def verdict(costs: dict[str, dict[str, Any]]) -> dict[str, dict[str, float]]:
    """Hold ours against the better peer: the median over rounds of the ratio in each round."""
    found: dict[str, dict[str, float]] = {}
    for name in costs:
        if not name.startswith("ours"):
            continue
        ratios = {}
        for what in ("wall_ms", "cpu_ms"):
            by_round = [
                median(
                    mine[what] / theirs[what]
                    for mine, theirs in zip(
                        costs[name]["rounds"], costs[other]["rounds"], strict=True
                    )
                )
                for other in costs
                if other.startswith("peer")
            ]
            ratios[what.removesuffix("_ms")] = max(by_round)
        for what in ("least_wall_ms", "peak_mib"):
            least = min(costs[other][what] for other in costs if other.startswith("peer"))
            ratios[what.rpartition("_")[0]] = costs[name][what] / least
        ratios["is_met"] = ratios["wall"] <= BAR and ratios["cpu"] <= BAR
        found[name] = ratios
    return found


def main() -> None:
    """Compare, or be one contestant."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--only")
    parser.add_argument("--network", type=Path)
    parser.add_argument("--threads", type=int, nargs="+", default=THREADS)
    asked = parser.parse_args()
    if asked.only:
        contest(asked.only, asked.network, asked.threads[0])
        return
    target = asked.json or Path(__file__).parent / "results" / "finding_speed.json"
    with tempfile.TemporaryDirectory() as folder:
        network = Path(folder) / "network.onnx"
        result = facts(network)
        for threads in asked.threads:
            costs = race(network, threads)
            beside = verdict(costs)
            result[f"{threads} threads"] = {"bar": BAR, "runs": costs, "beside_the_peer": beside}
            print(json.dumps(beside, indent=2), flush=True)
            target.write_text(json.dumps(result, indent=2) + "\n")


def facts(network: Path) -> dict[str, object]:
    """Make the peer; return what was compared, and where."""
    import finding_speed_peer
    import onnxruntime
    import torch

    export_peer(grey_image(), network)
    return {
        "machine": platform.processor() or platform.machine(),
        "date": time.strftime("%Y-%m-%d"),
        "torch": torch.__version__,
        "onnxruntime": onnxruntime.__version__,
        "size": SIZE,
        "rounds": ROUNDS,
        "images_a_round": IMAGES,
        "peer": finding_speed_peer.checked_size(),
    }


if __name__ == "__main__":
    main()
