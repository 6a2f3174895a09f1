"""PostgreSQL refuses to run as root, but `make run` as root must work: two ways to look like an ordinary user.

NAMESPACE   a user namespace: to PostgreSQL root is `nobody`, its files stay root's, nothing on the machine changes.
CAPABILITY  where namespaces are refused (a chroot, most containers): the child becomes `nobody` and keeps one right, to pass
            root's folders (CAP_DAC_OVERRIDE). Its data folder belongs to `nobody`; the folder above stays root's, mode 0700,
            so that other programs of that account do not get there.
"""

import ctypes
import os
import pwd
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path

CLONE_NEWUSER = 0x10000000
PR_SET_SECUREBITS, PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE = 28, 47, 2
SECBIT_NO_SETUID_FIXUP = 4
CAP_DAC_OVERRIDE = 1
CAPABILITY_VERSION_3 = 0x20080522

_libc = ctypes.CDLL(None, use_errno=True)


class Disguise(StrEnum):
    """How a child of root can appear as an ordinary user."""

    NAMESPACE = "user namespace"
    CAPABILITY = "as nobody, with the right to pass root's folders"


class RootRefused(RuntimeError):
    """This kernel or container gives root neither way, so PostgreSQL cannot run as root here."""


def is_root() -> bool:
    return os.geteuid() == 0


def possible_disguise() -> Disguise | None:
    """The first way that this machine allows root; each is tried in a child of our own, which ends at once."""
    return next((disguise for disguise in Disguise if _works(put_on(disguise))), None)


def put_on(disguise: Disguise) -> Callable[[], None]:
    """What a child calls between fork and exec. Raises OSError there where the kernel refuses."""
    ordinary = _an_ordinary_user()  # looked up before the fork
    if disguise is Disguise.NAMESPACE:
        return lambda: _enter_namespace(ordinary.pw_uid)
    return lambda: _become(ordinary)


def owner_of_files(disguise: Disguise) -> int:
    """The user id to which PostgreSQL's files must belong, seen from outside."""
    return 0 if disguise is Disguise.NAMESPACE else _an_ordinary_user().pw_uid


def give(folder: Path, user: int) -> None:
    """Let everything below `folder` belong to `user`, where it was made in another disguise."""
    if folder.stat().st_uid == user:
        return
    for path in (*folder.rglob("*"), folder):  # the folder last: it says whether all is done
        os.chown(path, user, user, follow_symlinks=False)


def _an_ordinary_user() -> pwd.struct_passwd:
    """`nobody`, else any account but root: initdb looks the id up and must find a name."""
    accounts = {account.pw_name: account for account in pwd.getpwall() if account.pw_uid != 0}
    if not accounts:
        raise RootRefused("This machine has no account but root.")
    return accounts.get("nobody") or next(iter(accounts.values()))


def _works(attempt: Callable[[], None]) -> bool:
    pid = os.fork()
    if pid == 0:
        try:
            attempt()
        except OSError:
            os._exit(1)
        os._exit(0)
    return os.waitpid(pid, 0)[1] == 0


def _enter_namespace(user: int) -> None:
    _check(_libc.unshare(CLONE_NEWUSER), "unshare(CLONE_NEWUSER)")
    for name, text in (("setgroups", "deny"), ("uid_map", f"{user} 0 1"), ("gid_map", f"{user} 0 1")):
        Path(f"/proc/self/{name}").write_text(text, encoding="ascii")


def _become(account: pwd.struct_passwd) -> None:
    """Change the user and keep CAP_DAC_OVERRIDE over the exec, as an ambient capability."""
    # Without the fix-up a change of user keeps capabilities, and access(), by which initdb finds its neighbours, knows them.
    _check(_libc.prctl(PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP, 0, 0, 0), "prctl(PR_SET_SECUREBITS)")
    os.setgroups([])
    os.setresgid(account.pw_gid, account.pw_gid, account.pw_gid)
    os.setresuid(account.pw_uid, account.pw_uid, account.pw_uid)
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0)
    kept = 1 << CAP_DAC_OVERRIDE
    sets = (ctypes.c_uint32 * 6)(kept, kept, kept, 0, 0, 0)  # effective, permitted, inheritable; low words, high words
    _check(_libc.capset(header, sets), "capset")
    _check(_libc.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_DAC_OVERRIDE, 0, 0), "prctl(PR_CAP_AMBIENT_RAISE)")


def _check(result: int, what: str) -> None:
    if result != 0:
        raise OSError(ctypes.get_errno(), what)
