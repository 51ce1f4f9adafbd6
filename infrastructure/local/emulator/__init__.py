"""The AWS emulator: a pinned ministack, patched where its behaviour differs from AWS in ways that matter here.

Each patch is a module with an ``apply``; ``patches.py`` lists them. They reach into a third-party package on purpose,
so every one of them first checks that it finds what it is about to replace and refuses to start otherwise.
"""
