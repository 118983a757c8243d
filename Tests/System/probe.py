"""Run in the daemon's place: tries what the unit is to refuse, and tells what came of it."""

import ctypes
import mmap
import os
import socket
from typing import Callable


def raised(body: Callable[[], object]) -> str:
    try:
        result = body()
    except OSError as error:
        return f"refused ({os.strerror(error.errno or 0)})"
    return f"allowed ({result})"


libc = ctypes.CDLL(None, use_errno=True)


def call(name: str, *arguments: int) -> None:
    if getattr(libc, name)(*(ctypes.c_long(argument) for argument in arguments)) < 0:
        raise OSError(ctypes.get_errno(), name)


def write(path: str) -> None:
    with open(path, "w") as file:
        file.write("x")


def nothing_there(folder: str) -> list[str]:
    found = os.listdir(folder)
    if not found:
        raise OSError(2, "nothing")
    return found


def writable_and_executable() -> None:
    mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)


def mount() -> None:
    if libc.mount(b"none", b"/tmp", b"tmpfs", ctypes.c_ulong(0), None) < 0:
        raise OSError(ctypes.get_errno(), "mount")


PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_NET_ADMIN = 47, 2, 12
CLONE_NEWUSER = 0x10000000

for what, body in {
    "writing to /etc": lambda: write("/etc/promptd/written"),
    "writing to /usr": lambda: write("/usr/written"),
    "reading /home": lambda: nothing_there("/home"),
    "reading /root": lambda: nothing_there("/root"),
    "opening a raw socket": lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, 1),
    "opening a packet socket": lambda: socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM),
    "opening a netlink socket": lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0),
    "gaining a capability": lambda: call("prctl", PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_NET_ADMIN, 0, 0),
    "becoming root": lambda: os.setuid(0),
    "a namespace of its own": lambda: call("unshare", CLONE_NEWUSER),
    "mounting": mount,
    "memory that is writable and executable": writable_and_executable,
    "running a shell": lambda: os.execv("/bin/sh", ["sh", "-c", "true"]),
    "reading another's keys": lambda: open("/etc/promptd/keys.d/jiekou").read(),
    "reading /proc/sys": lambda: open("/proc/sys/kernel/hostname").read(),
    "the kernel's log": lambda: open("/dev/kmsg").read(1),
    "becoming root's group": lambda: os.setgid(0),
}.items():
    print(f"probe: {what} = {raised(body)}", flush=True)
