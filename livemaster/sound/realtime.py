"""What is asked of the system so that sound comes in time: priority for threads, and memory that stays; Linux only."""

from __future__ import annotations

import ctypes
import os
import sys
from functools import cache

PRIORITY = 60
"""Of SCHED_FIFO, where the system allows it and the host API has not set its own."""
MCL_CURRENT, MCL_ONFAULT = 1, 4
"""Flags of `mlockall` on the common processors (Linux, mman.h): what there is now, each page from its first use on."""


def prefer_this_thread(priority: int = PRIORITY) -> bool:
    """[audio] Ask for real-time priority for the calling thread; whether it has it now."""
    if sys.platform != "linux":
        return False
    if os.sched_getscheduler(0) in (os.SCHED_FIFO, os.SCHED_RR):
        return True
    try:
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(priority))
    except OSError:
        return False
    return True


def prefer_both(caller: int) -> None:
    """[audio] Ask for real-time priority for a callback's thread (pthread_t), and one less for the calling thread."""
    if sys.platform != "linux":
        return
    policy, param = ctypes.c_int(), ctypes.c_int()  # struct sched_param has this one field
    thread, at = ctypes.c_ulong(caller), ctypes.byref(param)
    if _system().pthread_getschedparam(thread, ctypes.byref(policy), at):
        return
    if policy.value not in (os.SCHED_FIFO, os.SCHED_RR):
        param.value = PRIORITY
        if _system().pthread_setschedparam(thread, os.SCHED_FIFO, at):
            return
    prefer_this_thread(max(param.value - 1, 1))


def hold_in_memory() -> bool:
    """[control] Have the system keep every page that this process has and uses, where it allows that; whether it does.

    Code that did not run for a minute, say a seek's, may else have to be read from the disk within a callback.
    """
    if sys.platform != "linux":
        return False
    return bool(_system().mlockall(MCL_CURRENT | MCL_ONFAULT) == 0)


@cache
def _system() -> ctypes.CDLL:
    return ctypes.CDLL(None)
