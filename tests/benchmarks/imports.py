"""CPU of importing each function, with the layers as they are deployed, bytecode and all.

    .build/cloud/bin/python -m infrastructure.local build
    python -m tests.benchmarks.imports [function ...]

Prints milliseconds of CPU, the best of several fresh interpreters: of the whole import, and of importing alone the
modules of others that the function loads, which no code of ours can go below. The bare interpreter's start is a figure
of its own and not part of the others.
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
MEASURE = "import time; start = time.process_time(); {}; print((time.process_time() - start) * 1000)"
START = "import time; print(time.process_time() * 1000)"
LOADED = "import sys; before = {*sys.modules}; import app; print(*(name for name in sys.modules if name not in before))"
# `sharemtc` itself stays: it sets the pace of the garbage collector. Some modules cannot be imported by their name
IMPORT_ALL = """
import importlib, sharemtc
for name in {names!r}:
    try:
        importlib.import_module(name)
    except ImportError:
        pass
"""


def output(program: str, folder: Path = ROOT) -> str:
    """What `program` prints in a fresh interpreter with the layers and `folder` on its path."""
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(map(str, [*LAYERS, folder])),
        "PYTHONDONTWRITEBYTECODE": "1",
        "AWS_LAMBDA_FUNCTION_NAME": "benchmark",
    }
    command = [str(INTERPRETER), "-c", program]
    return subprocess.run(command, env=environment, capture_output=True, check=True, cwd="/", text=True).stdout


def cpu_ms(program: str, folder: Path = ROOT) -> float:
    """The least CPU that `program` reports."""
    return min(float(output(program, folder)) for _ in range(ROUNDS))


def dependencies_of(function: Path) -> list[str]:
    """The modules of others that a function loads, in their order."""
    return [name for name in output(LOADED, function).split() if name.split(".")[0] not in ("app", "sharemtc")]


def main() -> None:
    """Print the figures."""
    if not all(layer.is_dir() for layer in LAYERS):
        sys.exit("Build the layers first: make build")
    print(f"{'interpreter':<14} {cpu_ms(START):6.1f} ms")
    for app in sorted((ROOT / "functions").glob("*/app.py")):
        function = app.parent
        if function.name not in (sys.argv[1:] or [function.name]):
            continue
        imports = IMPORT_ALL.format(names=dependencies_of(function))
        alone = cpu_ms(MEASURE.format(f"exec({imports!r})"))
        whole = cpu_ms(MEASURE.format("import app"), function)
        print(
            f"{function.name:<14} {whole:6.1f} ms  dependencies {alone:6.1f} ms  ratio {whole / alone:.2f}", flush=True
        )


if __name__ == "__main__":
    main()
