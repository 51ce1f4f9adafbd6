"""People: who they are, how they sign in and stay signed in, and the SSH keys that open their machines."""
