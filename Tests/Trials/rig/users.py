"""Connecting as another user: the kernel tells promptd who was asking when a connection was made."""

import ctypes
import os
from pathlib import Path

_SETRESUID = 117 if os.uname().machine == "x86_64" else 147  # aarch64; syscalls(2)
_libc = ctypes.CDLL(None, use_errno=True)

CAN_BE_OTHERS = os.geteuid() == 0


def become(user: int) -> None:
    """The calling thread alone connects as this user from now on; nobody but root can."""
    if not CAN_BE_OTHERS:
        return
    # glibc's own function would change all threads.
    if _libc.syscall(_SETRESUID, -1, user, -1) != 0:
        raise OSError(ctypes.get_errno(), "setresuid")


def let_all_in(folder: Path) -> None:
    """Others may reach the socket in it, which is to have mode 0666."""
    folder.chmod(0o755)
