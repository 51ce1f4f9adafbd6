"""VMs: what their users want, what their hosts have proved, and the lifecycle that brings the two together."""
