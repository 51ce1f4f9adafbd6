"""ShareMTC, a compute marketplace: the domains, shared by every function. The host agent shares `wire`."""

import gc
import os

__version__ = "0.1.0"

if "AWS_LAMBDA_FUNCTION_NAME" in os.environ:
    # nearly all objects that imports create stay alive: with the default threshold of 700 the collector runs a hundred
    # times, a fifth of a cold start's CPU. The host agent keeps the default, to save memory
    gc.set_threshold(50_000, 20, 20)
