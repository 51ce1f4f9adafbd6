"""The self-test: tests everything that the agent needs; the results are signed and sent.

machine        system, processor, memory, disk space, tools, virtualisation, containers, GPUs, user
disk_speed     a bounded write and read where the VMs' disks are
connectivity   the control plane: latency, throughput, clock offset
runner         runs all checks in order
"""
