"""What a worker takes away from itself before it sees its first file.

Everywhere: limits on address space, CPU time, written files and open files (getrlimit(2)). On
Linux also: death with the forkserver (prctl(2)), and a list of system calls (seccomp(2)) without
one that opens a file or a socket, starts a process or thread, or touches another process. A call
that is not on the list fails with EPERM.
"""

import ctypes
import os
import resource
import signal
import sys

# After the modules are loaded, inspection needs memory, its own channel and the file that it is
# handed, and no more.
_ALLOWED_CALLS = (
    "brk", "mmap", "munmap", "mremap", "mprotect", "madvise",
    "read", "pread64", "readv", "lseek", "fstat", "newfstatat", "fcntl", "dup", "close", "poll",
    "ppoll", "select", "pselect6", "recvmsg", "recvfrom",
    "futex", "sched_yield", "sched_getaffinity", "rt_sigaction", "rt_sigprocmask", "rt_sigreturn",
    "sigaltstack", "restart_syscall", "rseq", "set_robust_list",
    "clock_gettime", "clock_nanosleep", "nanosleep", "gettimeofday", "time", "getrandom",
    "getpid", "gettid", "getuid", "geteuid", "getgid", "getegid", "getrusage", "times", "sysinfo",
    "uname", "exit", "exit_group",
)  # fmt: skip
# Only on the channel: what is written anywhere else would be a file or a socket of somebody's.
_ALLOWED_ON_CHANNEL = ("write", "writev", "sendmsg", "sendto")

_PR_SET_PDEATHSIG = 1
_OPEN_FILES = 64
_NICE = 10


def seccomp_is_available() -> bool:
    """Tell whether system calls can be filtered here: Linux with libseccomp."""
    if sys.platform != "linux":
        return False
    try:
        import pyseccomp  # noqa: F401, PLC0415 - it loads the system's library when imported
    except (ImportError, OSError, RuntimeError):
        return False
    return True


def confine(channel: int, *, address_space: int, forkserver: int) -> None:
    """Give up everything that inspection doesn't need; there is no way back.

    ``channel`` is the descriptor that may be written to, ``address_space`` the bytes that may be
    mapped beyond those that are mapped already, ``forkserver`` the process ID to die with.
    """
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        # Signals of a terminal go to every process; the parent says when to end.
        signal.signal(number, signal.SIG_IGN)
    # Requests come first: a file can wait a little longer for its decoder.
    os.nice(_NICE)
    limit(resource.RLIMIT_CORE, 0)
    limit(resource.RLIMIT_FSIZE, 0)
    limit(resource.RLIMIT_NOFILE, _OPEN_FILES)
    mapped = _mapped_bytes()
    if mapped is not None:
        limit(resource.RLIMIT_AS, mapped + address_space)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != forkserver:
            os._exit(0)
    if seccomp_is_available():
        _filter_calls(channel)


def limit(what: int, value: int) -> None:
    """Lower a limit for good."""
    resource.setrlimit(what, (value, value))


def allow_cpu(seconds: float) -> None:
    """Allow so many seconds of CPU time from now on; over them the kernel ends the process.

    The limit counts from the start of the process, so it is raised for each job.
    """
    used = resource.getrusage(resource.RUSAGE_SELF)
    total = int(used.ru_utime + used.ru_stime + seconds) + 1
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (total, hard))


def _mapped_bytes() -> int | None:
    """Return the size of the address space; None where the system doesn't say or limit it."""
    try:
        with open("/proc/self/statm", "rb") as statm:  # noqa: PTH123 - pathlib is not loaded yet
            return int(statm.read().split()[0]) * resource.getpagesize()
    except OSError:
        return None


def _filter_calls(channel: int) -> None:
    import errno  # noqa: PLC0415

    import pyseccomp as seccomp  # noqa: PLC0415

    calls = seccomp.SyscallFilter(defaction=seccomp.ERRNO(errno.EPERM))
    for name in _ALLOWED_CALLS:
        calls.add_rule(seccomp.ALLOW, name)
    for name in _ALLOWED_ON_CHANNEL:
        calls.add_rule(seccomp.ALLOW, name, seccomp.Arg(0, seccomp.EQ, channel))
    # Its own limits, to allow CPU time for the next job; 0 is the process itself.
    calls.add_rule(seccomp.ALLOW, "prlimit64", seccomp.Arg(0, seccomp.EQ, 0))
    calls.load()
