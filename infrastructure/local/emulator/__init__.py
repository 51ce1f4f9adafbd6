"""The AWS emulator: a pinned ministack, patched where its differences from AWS matter here.

Each patch is a module with an ``apply``; ``patches.py`` lists them. A patch replaces private functions of the package,
so it first checks that they are the expected ones and refuses to start otherwise.
"""
