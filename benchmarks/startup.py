"""How long the command and the package take to start: median of ten, after one warm-up."""

import argparse
import json
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
COMMAND = Path(sys.executable).with_name("scanwright")
PROBES = {
    "bare python": ([sys.executable, "-c", "pass"], None),
    "scanwright --help": ([str(COMMAND), "--help"], 0.4),
    "import scanwright": ([sys.executable, "-c", "import scanwright"], 0.1),
}


def median_seconds(command: list[str]) -> float:
    """Return the median wall time of ten runs after one that is not counted."""
    times = []
    for _ in range(11):
        started = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        times.append(time.perf_counter() - started)
    return statistics.median(times[1:])


def main() -> None:
    """Print and write what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks" / "results")
    asked = parser.parse_args()
    result = {
        name: {"seconds": round(median_seconds(command), 3), "bar": bar}
        for name, (command, bar) in PROBES.items()
    }
    asked.out.mkdir(parents=True, exist_ok=True)
    (asked.out / "startup.json").write_text(json.dumps(result, indent=2) + "\n")
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
