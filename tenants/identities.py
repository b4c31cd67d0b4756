"""
As whom a child process runs. PostgreSQL refuses to run as root: root becomes nobody in a user
namespace of its own, or, where a container refuses it one, nobody.
"""

import ctypes
import os
import pwd
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any, Literal

Identity = Literal["self", "namespace", "nobody"]
LINUX = sys.platform == "linux"
_libc = ctypes.CDLL(None, use_errno=True)


def give(folder: Path, identity: Identity) -> None:
    """Hand a folder of root's to nobody, or take it back, as PostgreSQL's identity changed."""
    nobody = pwd.getpwnam("nobody")
    user, group = (nobody.pw_uid, nobody.pw_gid) if identity == "nobody" else (0, 0)
    if identity != "self" and folder.stat().st_uid in {0, nobody.pw_uid} - {user}:
        for path in (*folder.rglob("*"), folder):
            os.chown(path, user, group, follow_symlinks=False)


def become(identity: Identity, death_signal: signal.Signals) -> dict[str, Any]:
    """How Popen gives a child its identity and ties its life to ours."""
    parent, prctl = os.getpid(), _libc.prctl if LINUX else None

    def prepare() -> None:
        if identity == "namespace":
            _enter_namespace()
        if prctl:
            prctl(1, int(death_signal))  # PR_SET_PDEATHSIG, last: a change of user would clear it
            if os.getppid() != parent:  # who died before we asked to be told
                os._exit(1)

    options: dict[str, Any] = {"preexec_fn": prepare}
    if identity == "nobody":
        nobody = pwd.getpwnam("nobody")
        options |= {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
    return options


def _enter_namespace() -> None:
    """Become nobody in a user namespace of our own; outside it we stay root, without its powers."""
    user, group = os.geteuid(), os.getegid()
    if not LINUX or _libc.unshare(0x10000000):  # CLONE_NEWUSER
        raise OSError(ctypes.get_errno(), "no private user namespace")
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"65534 {user} 1")
    Path("/proc/self/gid_map").write_text(f"65534 {group} 1")


def of_root() -> Identity:
    """PostgreSQL refuses to run as root, and a container may refuse it a namespace."""
    return "namespace" if may_run("true", "namespace") else "nobody"


def may_run(program: str | Path, identity: Identity) -> bool:
    try:
        command = [str(program), "--version"]
        options = become(identity, signal.SIGKILL)
        return subprocess.run(command, capture_output=True, check=False, **options).returncode == 0
    except (OSError, subprocess.SubprocessError):
        return False
