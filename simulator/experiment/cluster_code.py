"""The package as a Dask plugin: workers that have it not, or not the same, are given it."""

from __future__ import annotations

import hashlib
import io
import zipfile
from importlib import import_module
from pathlib import Path
from typing import Any

PACKAGE_FOLDER = Path(__file__).parents[1]


def code_plugin(package: Path = PACKAGE_FOLDER) -> Any:  # noqa: ANN401  (Dask has no annotations)
    """A plugin, sent by value, that makes a worker run the code of ``package``.

    All workers of a machine share one folder, so that the engine is compiled there once.
    """
    content, mark = _zipped(package), code_mark(package)

    def setup(self: object, worker: Any) -> None:  # noqa: ANN401
        import hashlib
        import importlib
        import importlib.util
        import io
        import pathlib
        import shutil
        import sys
        import tempfile
        import zipfile

        found = importlib.util.find_spec("simulator")
        if found is not None and found.origin is not None:
            digest = hashlib.sha256()
            there = pathlib.Path(found.origin).parent
            for path in sorted(there.rglob("*.py")):
                digest.update(path.relative_to(there).as_posix().encode() + path.read_bytes())
            if digest.hexdigest() == mark:
                return
        scratch = pathlib.Path(worker.local_directory).parent
        folder = scratch / f"paxsim-{mark[:16]}"
        if not folder.exists():
            draft = pathlib.Path(tempfile.mkdtemp(dir=scratch))
            zipfile.ZipFile(io.BytesIO(content)).extractall(draft)
            try:
                draft.rename(folder)
            except OSError:  # another worker of this machine was faster
                shutil.rmtree(draft, ignore_errors=True)
        for module in [n for n in sys.modules if n.partition(".")[0] == "simulator"]:
            del sys.modules[module]
        sys.path.insert(0, str(folder))
        importlib.invalidate_caches()

    # Made here, in no module of the package, so that it is pickled by value.
    kind = type(
        "PaxsimCode",
        (import_module("distributed").WorkerPlugin,),
        {"setup": setup, "__module__": "__main__"},
    )
    setup.__module__ = "__main__"
    plugin: Any = kind
    plugin.name = f"paxsim-code-{mark[:16]}"
    return plugin()


def code_mark(package: Path = PACKAGE_FOLDER) -> str:
    """SHA-256 over the names and content of all modules of the package."""
    digest = hashlib.sha256()
    for path in sorted(package.rglob("*.py")):
        digest.update(path.relative_to(package).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()


def _zipped(package: Path) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(package.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                archive.write(path, f"simulator/{path.relative_to(package)}")
    return content.getvalue()
