"""Where every child process begins: with its parent's places of modules, it runs the script or function it is told.

The package itself is found beside this file, not by those places: a parent may have found it in the working folder.
"""

import json
import sys
from importlib import import_module
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path

_ROOT = str(Path(__file__).absolute().parents[2])


class _Own:
    """Finds `livemaster`; its modules are found by the package's own path."""

    @staticmethod
    def find_spec(name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        return PathFinder.find_spec(name, [_ROOT]) if name == "livemaster" else None


if __name__ == "__main__":
    _, places, what, *arguments = sys.argv
    sys.path[:] = json.loads(places)
    sys.meta_path.insert(0, _Own)
    sys.modules["scipy"] = None  # type: ignore[assignment]  # numba would look for a BLAS in it, which no kernel needs
    sys.argv[:] = [what, *arguments]
    if Path(what).suffix == ".py":
        exec(compile(Path(what).read_bytes(), what, "exec"), {"__name__": "__main__", "__file__": what})
    else:
        module, function = what.split(":")
        getattr(import_module(module), function)()
