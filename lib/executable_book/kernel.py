"""The process that runs a chapter: this interpreter, the same for everyone who builds the book."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from ipykernel.kernelspec import RESOURCES
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from traitlets import default

WATCHED = Path(__file__).with_name("watched.py")
# Where the interpreter and its modules are, and where it may write bytecode.
KEPT = {
    "PYTHONPATH",
    "PYTHONHOME",
    "PYTHONPLATLIBDIR",
    "PYTHONDONTWRITEBYTECODE",
    "PYTHONPYCACHEPREFIX",
}
OF_THE_USER = {"MATPLOTLIBRC", "LANGUAGE", "NO_COLOR", "FORCE_COLOR"}
FOR_EVERYONE = {
    "PYTHONHASHSEED": "0",  # the order of a set of texts
    "PYTHONNOUSERSITE": "1",
    "PYTHONUTF8": "1",
    "LC_ALL": "C.UTF-8",
    "TZ": "UTC",
    "COLUMNS": "80",  # of a terminal, whose width some tables take
    "LINES": "24",
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
}


def kernel_environment(environment: Mapping[str, str], book: Mapping[str, str]) -> dict[str, str]:
    """The environment variables of a chapter: those of the build without what a user has set up for
    himself.

    Parameters
    ----------
    environment : mapping
        Of the build.
    book : mapping
        Those that the book sets.
    """
    given = {
        name: value
        for name, value in environment.items()
        if name in KEPT or (not name.startswith("PYTHON") and name not in OF_THE_USER)
    }
    if (
        "PYTHONPATH" in given
    ):  # relative to where the build was started, and a chapter runs elsewhere
        given["PYTHONPATH"] = os.pathsep.join(
            map(os.path.abspath, given["PYTHONPATH"].split(os.pathsep))
        )
    return {**given, **FOR_EVERYONE, **book}


def kernel_manager(environment: Mapping[str, str]) -> type[AsyncKernelManager]:
    """The class that starts a kernel of the running interpreter, watched, with just these
    environment variables.
    """

    class RunningInterpreter(KernelSpecManager):
        def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
            command = [sys.executable, str(WATCHED), "-f", "{connection_file}"]
            return KernelSpec(
                resource_dir=str(RESOURCES),
                argv=command,
                display_name="Python 3",
                language="python",
            )

    class Manager(AsyncKernelManager):
        @default("kernel_spec_manager")
        def _running_interpreter(self) -> KernelSpecManager:
            return RunningInterpreter(parent=self)

        async def start_kernel(self, **options: object) -> None:
            await super().start_kernel(**options, env=dict(environment))

    return Manager
