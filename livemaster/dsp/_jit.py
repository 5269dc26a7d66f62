"""The one way this project compiles a kernel."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast

import numba

from livemaster.dsp.cache import kernel_cache

F = TypeVar("F", bound=Callable[..., object])

if kernel_cache() is not None:  # otherwise numba finds a place of its own
    numba.config.CACHE_DIR = str(kernel_cache())


def kernel(function: F) -> F:
    """Compile `function` on first call: cached on disk, without the interpreter lock, strict IEEE order.

    No fastmath: a result must not depend on how many quanta are handed over in one call.
    """
    return cast(F, numba.njit(cache=True, nogil=True, error_model="numpy")(function))
