"""What the embedded cloud says when it cannot go on.

LocalCloudError
├── StateDamaged       what is on disk cannot be trusted; nothing is deleted
├── AlreadyRunning     another instance holds the state directory
├── PortBusy           something else listens on the public port
├── ToolMissing        a program that is needed is not installed
├── BuildFailed        a layer, a package or the web application could not be built
├── DeployFailed       the stack did not come up
└── ProcessFailed      a process that must run did not start
"""


class LocalCloudError(Exception):
    """One line for the person at the keyboard; the launcher prints it and ends with status 1."""


class StateDamaged(LocalCloudError):
    """State on disk is unreadable or cannot be written."""


class AlreadyRunning(LocalCloudError):
    """The state directory is in use by another instance."""


class PortBusy(LocalCloudError):
    """The public port is taken."""


class ToolMissing(LocalCloudError):
    """A program needed to go on is missing."""


class BuildFailed(LocalCloudError):
    """A build step failed."""


class DeployFailed(LocalCloudError):
    """The stack could not be deployed."""


class ProcessFailed(LocalCloudError):
    """A process ended or did not become ready."""
