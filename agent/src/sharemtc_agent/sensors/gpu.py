"""NVIDIA GPUs, by NVML. Every call is guarded: a driver may be missing, and one GPU may be lost while others work."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from sharemtc.wire import Gpu, clean_text

MAX_GPUS = 64
_LIBRARY = "libnvidia-ml.so.1"


class GpuError(Exception):
    """Why GPUs, or one of them, cannot be read; one line for people."""


@dataclass(frozen=True)
class GpuReading:
    """What one GPU does now; None for what it, its driver or our rights do not tell."""

    uuid: str
    used_percent: float | None
    memory_used_mib: int | None
    temperature_c: float | None
    power_w: float | None
    processes: int | None


@dataclass(frozen=True)
class GpuState:
    """The readings, and the indices and reasons of GPUs that do not answer."""

    readings: tuple[GpuReading, ...] = ()
    lost: tuple[str, ...] = ()


def find_gpus() -> tuple[tuple[Gpu, ...], str]:
    """The GPUs of this machine, and a note on those that cannot be read or sold or on why there are none."""
    try:
        with _open() as nvml:
            driver = _text(_maybe(nvml, lambda: nvml.nvmlSystemGetDriverVersion()) or "")[:200]
            cuda = _cuda_version(_maybe(nvml, lambda: nvml.nvmlSystemGetCudaDriverVersion_v2()))
            found, notes = [], []
            for index in range(_count(nvml)):
                try:
                    found.append(_describe(nvml, index, driver, cuda))
                except (nvml.NVMLError, ValueError) as error:
                    notes.append(f"GPU {index}: {_said(error)}")
    except GpuError as error:
        return (), str(error)
    notes += [f"{gpu.uuid} is partitioned (MIG) and not sold" for gpu in found if gpu.mig]
    return tuple(found), "; ".join(notes)[:200]


def read_gpus() -> GpuState:
    """What each GPU does now. Empty where there is no driver."""
    try:
        with _open() as nvml:
            readings, lost = [], []
            for index in range(_count(nvml)):
                try:
                    readings.append(_read(nvml, index))
                except nvml.NVMLError as error:
                    lost.append(f"GPU {index}: {_said(error)}")
            return GpuState(tuple(readings), tuple(lost))
    except GpuError:
        return GpuState()


@contextmanager
def _open() -> Iterator[Any]:  # Any: the binding has no types
    """The binding, while the driver is held. Raises GpuError."""
    if sys.platform == "linux":
        try:
            ctypes.CDLL(_LIBRARY)  # hosts without a driver need not carry the binding in memory
        except OSError:
            raise GpuError("no NVIDIA driver: its library libnvidia-ml.so.1 is not there") from None
    try:
        import pynvml
    except ImportError:
        raise GpuError("the NVML binding is not installed") from None
    try:
        pynvml.nvmlInit()
    except pynvml.NVMLError as error:
        raise GpuError(f"no NVIDIA driver: {_said(error)}") from None
    try:
        yield pynvml
    finally:
        with suppress(pynvml.NVMLError):  # nothing is left to release
            pynvml.nvmlShutdown()


def _count(nvml: Any) -> int:
    try:
        return min(int(nvml.nvmlDeviceGetCount()), MAX_GPUS)
    except nvml.NVMLError as error:
        raise GpuError(f"GPUs cannot be counted: {_said(error)}") from None


def _describe(nvml: Any, index: int, driver: str, cuda: str) -> Gpu:
    handle = nvml.nvmlDeviceGetHandleByIndex(index)
    mode = _maybe(nvml, lambda: nvml.nvmlDeviceGetMigMode(handle)[0])  # models without MIG do not support the question
    return Gpu(
        uuid=_text(nvml.nvmlDeviceGetUUID(handle)),
        model=_text(nvml.nvmlDeviceGetName(handle)),
        vram_mib=int(nvml.nvmlDeviceGetMemoryInfo(handle).total) >> 20,
        driver_version=driver,
        cuda_version=cuda,
        mig=mode == nvml.NVML_DEVICE_MIG_ENABLE,
    )


def _read(nvml: Any, index: int) -> GpuReading:
    handle = nvml.nvmlDeviceGetHandleByIndex(index)
    used = _maybe(nvml, lambda: nvml.nvmlDeviceGetUtilizationRates(handle).gpu)  # a partitioned GPU has none as a whole
    memory = _maybe(nvml, lambda: nvml.nvmlDeviceGetMemoryInfo(handle).used)
    power_mw = _maybe(nvml, lambda: nvml.nvmlDeviceGetPowerUsage(handle))
    return GpuReading(
        uuid=_text(nvml.nvmlDeviceGetUUID(handle)),
        used_percent=None if used is None else float(used),
        memory_used_mib=None if memory is None else int(memory) >> 20,
        temperature_c=_maybe(nvml, lambda: float(nvml.nvmlDeviceGetTemperature(handle, nvml.NVML_TEMPERATURE_GPU))),
        power_w=None if power_mw is None else round(power_mw / 1000, 1),
        processes=_maybe(nvml, lambda: len(nvml.nvmlDeviceGetComputeRunningProcesses(handle))),
    )


def _maybe(nvml: Any, ask: Callable[[], Any]) -> Any:
    """The answer, or None where the GPU does not support the question, the driver lacks it or we may not ask.

    A GPU that is lost is no such case: that is raised.
    """
    try:
        return ask()
    except nvml.NVMLLibraryMismatchError:
        return None  # the driver is older than the binding
    except nvml.NVMLError as error:
        if error.value in {nvml.NVML_ERROR_GPU_IS_LOST, nvml.NVML_ERROR_UNINITIALIZED}:
            raise
        return None


def _cuda_version(number: int | None) -> str:
    """NVML gives 12040 for 12.4."""
    return "" if number is None else f"{number // 1000}.{number % 1000 // 10}"


def _text(value: str | bytes) -> str:
    return clean_text(value.decode(errors="replace") if isinstance(value, bytes) else value)


def _said(error: Exception) -> str:
    return " ".join(str(error).split())[:120]
