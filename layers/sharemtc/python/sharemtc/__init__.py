"""ShareMTC: the domain of a compute marketplace, shared by every function and, through `wire`, by the host agent."""

import gc
import os

__version__ = "0.1.0"

if "AWS_LAMBDA_FUNCTION_NAME" in os.environ:
    # nearly all that a function makes while it imports stays: at its usual pace (every 700 new objects) the collector
    # looks through it a hundred times, a fifth of a cold start's CPU. A host's agent is left to keep its memory small
    gc.set_threshold(50_000, 20, 20)
