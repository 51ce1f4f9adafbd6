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
    """One line for the person at the keyboard: what is wrong, and what to do about it."""

    advice = "the logs say more: .build/cloud/bin/python -m infrastructure.local logs"

    def __init__(self, what: str, advice: str | None = None) -> None:
        """``advice`` instead of that of the kind; empty when ``what`` has it already."""
        chosen = self.advice if advice is None else advice
        super().__init__(f"{what}: {chosen}" if chosen else what)


class StateDamaged(LocalCloudError):
    """State on disk is unreadable or cannot be written."""

    advice = "restore the state folder from a backup, or choose another with SHAREMTC_STATE_DIR"


class AlreadyRunning(LocalCloudError):
    """The state directory is in use by another instance."""

    advice = "stop that one, or choose another folder with SHAREMTC_STATE_DIR"


class PortBusy(LocalCloudError):
    """The public port is taken."""

    advice = "choose another one with SHAREMTC_PORT"


class ToolMissing(LocalCloudError):
    """A program needed to go on is missing."""

    advice = "python3 infrastructure/local/setup.py installs what can be installed"


class BuildFailed(LocalCloudError):
    """A build step failed."""

    advice = "`make build` shows all that it says"


class DeployFailed(LocalCloudError):
    """The stack could not be deployed."""

    advice = "correct the template or the function, then start again; the logs of cloud and of the function say more"


class ProcessFailed(LocalCloudError):
    """A process ended or did not become ready."""
