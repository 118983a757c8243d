"""What the trials share."""

from .programs import Daemon, Folder, Programs, Sandbox, configure, end
from .trial import Trial

__all__ = ["Daemon", "Folder", "Programs", "Sandbox", "Trial", "configure", "end"]
