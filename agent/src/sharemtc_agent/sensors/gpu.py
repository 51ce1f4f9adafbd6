"""NVIDIA GPUs, by NVML. Every call is guarded: a driver may be missing, and one GPU may be lost while others work."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from sharemtc.wire import Gpu


def find_gpus() -> tuple[tuple[Gpu, ...], str]:
    """The GPUs that can be sold, and a note on what cannot be or why there are none."""
    try:
        import pynvml  # only here: hosts without GPUs need not carry it in memory
    except ImportError:
        return (), "the NVML binding is not installed"
    try:
        pynvml.nvmlInit()
    except pynvml.NVMLError as error:
        return (), f"no NVIDIA driver: {_said(error)}"
    try:
        return _read_all(pynvml)
    finally:
        with suppress(pynvml.NVMLError):  # nothing is left to release
            pynvml.nvmlShutdown()


def _read_all(nvml: Any) -> tuple[tuple[Gpu, ...], str]:  # Any: the binding has no types
    try:
        count = int(nvml.nvmlDeviceGetCount())
    except nvml.NVMLError as error:
        return (), f"GPUs cannot be counted: {_said(error)}"
    found, notes = [], []
    for index in range(min(count, 64)):
        try:
            found.append(_read(nvml, index))
        except (nvml.NVMLError, ValueError) as error:
            notes.append(f"GPU {index}: {_said(error)}")
    return tuple(found), "; ".join(notes)[:200]


def _read(nvml: Any, index: int) -> Gpu:
    """One GPU. Raises ValueError for one that cannot be sold whole."""
    handle = nvml.nvmlDeviceGetHandleByIndex(index)
    try:
        partitioned = nvml.nvmlDeviceGetMigMode(handle)[0] == nvml.NVML_DEVICE_MIG_ENABLE
    except nvml.NVMLError:
        partitioned = False  # models without MIG do not support the question
    if partitioned:
        raise ValueError("is partitioned (MIG) and not offered")
    return Gpu(
        uuid=_text(nvml.nvmlDeviceGetUUID(handle)),
        model=_text(nvml.nvmlDeviceGetName(handle))[:200],
        vram_mib=int(nvml.nvmlDeviceGetMemoryInfo(handle).total) >> 20,
    )


def _text(value: str | bytes) -> str:
    return value.decode(errors="replace") if isinstance(value, bytes) else value


def _said(error: Exception) -> str:
    return " ".join(str(error).split())[:120]
