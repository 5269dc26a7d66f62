"""The ways this project compiles: kernels, and callbacks for libraries in C."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

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


def c_callback(signature: Any) -> Callable[[Callable[..., object]], Any]:
    """Compile a function to be called from C, cached on disk; its address is `address`."""
    return cast(Callable[[Callable[..., object]], Any], numba.cfunc(signature, cache=True, error_model="numpy"))
