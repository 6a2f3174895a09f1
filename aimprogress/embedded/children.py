"""Child processes that cannot outlive their parent, and servers that refuse to run as root but must.

Linux only. `PR_SET_PDEATHSIG` is bound to the *thread* that forked: start children from the main thread.
"""

import ctypes
import os
import signal
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO

PR_SET_PDEATHSIG = 1
CLONE_NEWUSER = 0x10000000
_ID_INSIDE_NAMESPACE = 1000

_libc = ctypes.CDLL(None, use_errno=True)


class NamespaceRefused(RuntimeError):
    """This kernel or container lets root make no user namespace, so PostgreSQL cannot run as root here."""


def is_root() -> bool:
    return os.geteuid() == 0


def namespaces_allowed() -> bool:
    """Whether a user namespace can be made; tried in a child of our own, which ends at once."""
    pid = os.fork()
    if pid == 0:
        os._exit(0 if _libc.unshare(CLONE_NEWUSER) == 0 else 1)
    return os.waitpid(pid, 0)[1] == 0


def start_child(
    arguments: Sequence[str | Path],
    *,
    death_signal: signal.Signals = signal.SIGTERM,
    unprivileged: bool = False,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    stdin: int | IO[bytes] | None = subprocess.DEVNULL,
    stdout: int | IO[bytes] | None = None,
    stderr: int | IO[bytes] | None = subprocess.STDOUT,
) -> subprocess.Popen[bytes]:
    """Start a program in a session of its own (Ctrl-C reaches the parent only, which then stops it in order).

    The kernel sends it `death_signal` when the parent dies, however that happens.
    With `unprivileged`, root appears inside as an ordinary user: a user namespace, nothing on the host changes.
    """
    if threading.current_thread() is not threading.main_thread():
        raise RuntimeError("start_child must be called from the main thread: the death signal is bound to it")
    return subprocess.Popen(  # noqa: S603 - a fixed program, no shell
        [str(argument) for argument in arguments],
        env=dict(env) if env is not None else None,
        cwd=cwd,
        stdin=stdin,
        stdout=stdout,
        stderr=stderr,
        start_new_session=True,
        preexec_fn=_before_exec(death_signal, unprivileged=unprivileged and is_root()),
    )


def die_with_parent(death_signal: signal.Signals) -> None:
    """Let the kernel send this process `death_signal` when its own parent dies."""
    _libc.prctl(PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)


def _before_exec(death_signal: signal.Signals, *, unprivileged: bool) -> Callable[[], None]:
    """What the child does between fork and exec. Everything it needs is looked up before the fork."""
    parent, unshare, prctl = os.getpid(), _libc.unshare, _libc.prctl

    def prepare() -> None:
        if unprivileged:
            if unshare(CLONE_NEWUSER) != 0:
                raise OSError(ctypes.get_errno(), "unshare(CLONE_NEWUSER)")
            _write_id_maps()
        # After the unshare: a change of credentials clears it.
        prctl(PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)
        if os.getppid() != parent:  # the parent died in between
            os._exit(1)

    return prepare


def _write_id_maps() -> None:
    for name, text in (
        ("setgroups", "deny"),
        ("uid_map", f"{_ID_INSIDE_NAMESPACE} 0 1"),
        ("gid_map", f"{_ID_INSIDE_NAMESPACE} 0 1"),
    ):
        Path(f"/proc/self/{name}").write_text(text, encoding="ascii")


def stop_child(
    process: subprocess.Popen[bytes], first: signal.Signals, *, seconds: float, then: signal.Signals = signal.SIGKILL
) -> None:
    """Ask a child to end with `first`, wait, insist with `then`. A child that has ended already is left alone."""
    if process.poll() is not None:
        return
    process.send_signal(first)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.send_signal(then)
        process.wait(10)
