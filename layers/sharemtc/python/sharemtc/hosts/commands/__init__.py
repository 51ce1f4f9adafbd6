"""Commands to hosts: issued, leased, answered."""
