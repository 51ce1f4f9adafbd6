"""What the machine did, measured at the agent's own pace, kept on disk until the control plane has it.

sampler    measurements of host, guests and GPUs      spool      batches on disk, bounded, oldest first
health     checks of what a host needs                reporter   one turn of measuring, one of sending
"""
