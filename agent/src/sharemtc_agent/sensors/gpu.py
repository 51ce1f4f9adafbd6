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


class NoDriver(GpuError):
    """This machine has no NVIDIA driver or no NVML binding."""


@dataclass(frozen=True)
class GpuReading:
    """Values are None if the GPU, its driver or our permissions do not provide them."""

    uuid: str
    used_percent: float | None
    memory_used_mib: int | None
    temperature_c: float | None
    power_w: float | None
    processes: int | None


@dataclass(frozen=True)
class GpuState:
    """The readings, GPUs that do not respond with reasons, and why none can be read at all."""

    readings: tuple[GpuReading, ...] = ()
    lost: tuple[str, ...] = ()
    trouble: str = ""


@dataclass(frozen=True)
class FoundGpus:
    """The GPUs, and a note on those that cannot be read or sold, or on why there are none.

    `known` is false if a driver exists but fails: then an empty list means nothing.
    """

    gpus: tuple[Gpu, ...] = ()
    note: str = ""
    known: bool = True


def find_gpus() -> FoundGpus:
    try:
        with _open() as nvml:
            driver = _text(_optional(nvml, lambda: nvml.nvmlSystemGetDriverVersion()) or "")
            cuda = _cuda_version(_optional(nvml, lambda: nvml.nvmlSystemGetCudaDriverVersion_v2()))
            found, notes = [], []
            for index in range(_count(nvml)):
                try:
                    found.append(_describe(nvml, index, driver, cuda))
                except (nvml.NVMLError, ValueError) as error:
                    notes.append(f"GPU {index}: {_message(error)}")
    except NoDriver as error:
        return FoundGpus(note=str(error))
    except GpuError as error:
        return FoundGpus(note=str(error), known=False)
    notes += [f"{gpu.uuid} is partitioned (MIG) and not offered" for gpu in found if gpu.mig]
    return FoundGpus(tuple(found), clean_text("; ".join(notes)))


def read_gpus() -> GpuState:
    try:
        with _open() as nvml:
            readings, lost = [], []
            for index in range(_count(nvml)):
                try:
                    readings.append(_read(nvml, index))
                except (nvml.NVMLError, ValueError) as error:
                    lost.append(f"GPU {index}: {_message(error)}")
            return GpuState(tuple(readings), tuple(lost))
    except GpuError as error:
        return GpuState(trouble=str(error))


@contextmanager
def _open() -> Iterator[Any]:  # Any: the binding has no types
    """Errors: `GpuError`."""
    if sys.platform == "linux":
        try:
            ctypes.CDLL(_LIBRARY)  # saves the binding's memory on hosts without a driver
        except OSError:
            raise NoDriver("no NVIDIA driver (libnvidia-ml.so.1 not found)") from None
    try:
        import pynvml
    except ImportError:
        raise NoDriver("the NVML binding is not installed") from None
    try:
        pynvml.nvmlInit()
    except pynvml.NVMLError as error:
        raise GpuError(f"the NVIDIA driver failed to start: {_message(error)}") from None
    try:
        yield pynvml
    finally:
        with suppress(pynvml.NVMLError):  # nothing is left to release
            pynvml.nvmlShutdown()


def _count(nvml: Any) -> int:
    try:
        return min(int(nvml.nvmlDeviceGetCount()), MAX_GPUS)
    except nvml.NVMLError as error:
        raise GpuError(f"GPUs cannot be counted: {_message(error)}") from None


def _describe(nvml: Any, index: int, driver: str, cuda: str) -> Gpu:
    handle = nvml.nvmlDeviceGetHandleByIndex(index)
    mode = _optional(nvml, lambda: nvml.nvmlDeviceGetMigMode(handle)[0])  # fails on models without MIG
    # models with unified memory report none of their own
    memory_bytes = _optional(nvml, lambda: nvml.nvmlDeviceGetMemoryInfo(handle).total)
    return Gpu(
        uuid=_text(nvml.nvmlDeviceGetUUID(handle)),
        model=_text(_optional(nvml, lambda: nvml.nvmlDeviceGetName(handle)) or "") or "NVIDIA GPU",
        vram_mib=(int(memory_bytes) >> 20 if memory_bytes else 0) or None,
        driver_version=driver,
        cuda_version=cuda,
        mig=mode == nvml.NVML_DEVICE_MIG_ENABLE,
    )


def _read(nvml: Any, index: int) -> GpuReading:
    handle = nvml.nvmlDeviceGetHandleByIndex(index)
    used = _optional(nvml, lambda: nvml.nvmlDeviceGetUtilizationRates(handle).gpu)  # none for a partitioned GPU
    memory = _optional(nvml, lambda: nvml.nvmlDeviceGetMemoryInfo(handle).used)
    power_mw = _optional(nvml, lambda: nvml.nvmlDeviceGetPowerUsage(handle))
    return GpuReading(
        uuid=_text(nvml.nvmlDeviceGetUUID(handle)),
        used_percent=None if used is None else float(used),
        memory_used_mib=None if memory is None else int(memory) >> 20,
        temperature_c=_optional(nvml, lambda: float(nvml.nvmlDeviceGetTemperature(handle, nvml.NVML_TEMPERATURE_GPU))),
        power_w=None if power_mw is None else round(power_mw / 1000, 1),
        processes=_optional(nvml, lambda: len(nvml.nvmlDeviceGetComputeRunningProcesses(handle))),
    )


def _optional(nvml: Any, ask: Callable[[], Any]) -> Any:
    """The value, or None if the GPU does not support it, the driver lacks it or we have no permission.

    A lost GPU raises instead.
    """
    try:
        return ask()
    except nvml.NVMLLibraryMismatchError:
        return None  # the driver is older than the binding
    except UnicodeDecodeError:
        return None  # the binding decodes text as UTF-8, which the driver may not send
    except nvml.NVMLError as error:
        if error.value in {nvml.NVML_ERROR_GPU_IS_LOST, nvml.NVML_ERROR_UNINITIALIZED}:
            raise
        return None


def _cuda_version(number: int | None) -> str:
    """NVML returns 12040 for 12.4."""
    return "" if number is None else f"{number // 1000}.{number % 1000 // 10}"


def _text(value: str | bytes) -> str:
    return clean_text(value.decode(errors="replace") if isinstance(value, bytes) else value)


def _message(error: Exception) -> str:
    return clean_text(str(error), 120)
