"""Commands to hosts: issued, leased, finished."""
