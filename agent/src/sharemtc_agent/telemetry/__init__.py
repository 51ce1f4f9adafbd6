"""Telemetry: measured at the agent's own pace, stored on disk until the control plane has it.

sampler    measurements of host, VMs and GPUs      spool      batches on disk, bounded, oldest first
health     health checks of the host                reporter   measures and sends
"""
