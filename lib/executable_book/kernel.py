"""The process that runs a chapter: this interpreter, whatever kernels are installed and whatever `python3` names."""

from collections.abc import Mapping

from ipykernel.kernelspec import RESOURCES, get_kernel_dict
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from traitlets import default


def kernel_manager(environment: Mapping[str, str]) -> type[AsyncKernelManager]:
    """The class that starts a kernel of the running interpreter with some more environment variables."""

    class RunningInterpreter(KernelSpecManager):
        def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
            return KernelSpec(resource_dir=str(RESOURCES), env=dict(environment), **get_kernel_dict())

    class Manager(AsyncKernelManager):
        @default("kernel_spec_manager")
        def _running_interpreter(self) -> KernelSpecManager:
            return RunningInterpreter(parent=self)

    return Manager
