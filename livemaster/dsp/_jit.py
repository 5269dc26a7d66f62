"""The ways this project compiles: kernels, and callbacks for libraries in C."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar, cast

import numba

from livemaster.dsp.cache import kernel_cache

F = TypeVar("F", bound=Callable[..., object])

_KEPT = kernel_cache() is not None
"""Without a place of ours nothing is kept: numba's own choice, beside the sources, would not notice changes."""
if _KEPT:
    numba.config.CACHE_DIR = str(kernel_cache())


class _Forgiving:
    """numba's store of one kernel, without which it works as well: a full disk, a damaged file."""

    def __init__(self, store: Any) -> None:
        self._store = store

    def load_overload(self, *what: Any) -> Any:
        """A compiled kernel, or None."""
        try:
            return self._store.load_overload(*what)
        except Exception:  # whatever pickle and LLVM say of a damaged file
            with suppress(OSError):
                self._store.flush()
            return None

    def save_overload(self, *what: Any) -> None:
        """Keep a compiled kernel, where that can be."""
        with suppress(OSError):
            self._store.save_overload(*what)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


def kernel(function: F) -> F:
    """Compile `function` on first call: cached on disk, without the interpreter lock, strict IEEE order.

    No fastmath: a result must not depend on how many quanta are handed over in one call.
    """
    return cast(F, _kept(numba.njit(cache=_KEPT, nogil=True, error_model="numpy")(function)))


def c_callback(signature: Any) -> Callable[[Callable[..., object]], Any]:
    """Compile a function to be called from C, cached on disk; its address is `address`."""

    def compiled(function: Callable[..., object]) -> Any:
        with suppress(OSError):
            return numba.cfunc(signature, cache=_KEPT, error_model="numpy")(function)
        return numba.cfunc(signature, error_model="numpy")(function)

    return compiled


def _kept(compiler: Any) -> Any:
    if not numba.config.DISABLE_JIT:  # else it is the function itself
        compiler._cache = _Forgiving(compiler._cache)
    return compiler
