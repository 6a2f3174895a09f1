"""Child processes that cannot outlive their parent. Disguises for servers that refuse to run as root: disguises.py.

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

_libc = ctypes.CDLL(None, use_errno=True)


def start_child(
    arguments: Sequence[str | Path],
    *,
    death_signal: signal.Signals = signal.SIGTERM,
    disguise: Callable[[], None] | None = None,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    stdin: int | IO[bytes] | None = subprocess.DEVNULL,
    stdout: int | IO[bytes] | None = None,
    stderr: int | IO[bytes] | None = subprocess.STDOUT,
) -> subprocess.Popen[bytes]:
    """Start a program in a session of its own (Ctrl-C reaches the parent only, which then stops it in order).

    The kernel sends it `death_signal` when the parent dies, however that happens.
    `disguise` runs in the child before the program does, and changes who it is.
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
        preexec_fn=_before_exec(death_signal, disguise),
    )


def die_with_parent(death_signal: signal.Signals) -> None:
    """Let the kernel send this process `death_signal` when its own parent dies."""
    _libc.prctl(PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)


def _before_exec(death_signal: signal.Signals, disguise: Callable[[], None] | None) -> Callable[[], None]:
    """What the child does between fork and exec. Everything it needs is looked up before the fork."""
    parent, prctl = os.getpid(), _libc.prctl

    def prepare() -> None:
        if disguise is not None:
            disguise()
        # After the disguise: a change of credentials clears it.
        prctl(PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)
        if os.getppid() != parent:  # the parent died in between
            os._exit(1)

    return prepare


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
