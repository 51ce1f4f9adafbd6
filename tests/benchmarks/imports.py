"""CPU of importing each function, with the layers as they are deployed, bytecode and all.

    .build/cloud/bin/python -m infrastructure.local build
    python -m tests.benchmarks.imports

Prints milliseconds of CPU, the best of several fresh interpreters. The bare interpreter's start is a figure of its own
and not part of the others; the dependencies' share is what no code of ours can go below.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
LAYERS = [ROOT / ".build/layers/sharemtc/python", ROOT / ".build/layers/vendor/python"]
INTERPRETER = ROOT / ".build/runtime/bin/python"
ROUNDS = 5
# `import pydantic` alone loads next to nothing of it
DEPENDENCIES = (
    "import sharemtc, pydantic.main, pydantic.fields, pynamodb.models, pynamodb.transactions, chalice.app, jwt"
)
MEASURE = "import time; start = time.process_time(); {}; print((time.process_time() - start) * 1000)"
START = "import time; print(time.process_time() * 1000)"


def cpu_ms(program: str, folder: Path = ROOT) -> float:
    """The least CPU that `program` reports, run in fresh interpreters with the layers on their path."""
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(map(str, [*LAYERS, folder])),
        "PYTHONDONTWRITEBYTECODE": "1",
        "AWS_LAMBDA_FUNCTION_NAME": "benchmark",
    }
    command = [str(INTERPRETER), "-c", program]
    runs = [subprocess.run(command, env=environment, capture_output=True, check=True, cwd="/") for _ in range(ROUNDS)]
    return min(float(run.stdout) for run in runs)


def main() -> None:
    """Print the figures."""
    if not all(layer.is_dir() for layer in LAYERS):
        sys.exit("Build the layers first: make build")
    print(f"{'interpreter':<14} {cpu_ms(START):6.1f} ms")
    print(f"{'dependencies':<14} {cpu_ms(MEASURE.format(DEPENDENCIES)):6.1f} ms")
    for app in sorted((ROOT / "functions").glob("*/app.py")):
        print(f"{app.parent.name:<14} {cpu_ms(MEASURE.format('import app'), app.parent):6.1f} ms")


if __name__ == "__main__":
    main()
