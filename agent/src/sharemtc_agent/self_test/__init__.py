"""The self-test: everything that the agent needs is tried, and what was found is said, signed and sent.

machine        system, processor, memory, disk space, tools, virtualisation, containers, GPUs, user
disk_speed     a bounded write and read where the guests' disks lie
reach          the control plane: latency, throughput, clocks
examination    all of it, in order
"""
