"""How a machine becomes a host: single-use codes and the request that redeems one."""
