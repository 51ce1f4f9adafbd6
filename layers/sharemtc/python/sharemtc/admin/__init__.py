"""What operators see and decide: providers, hosts, risks, figures of the whole platform."""
