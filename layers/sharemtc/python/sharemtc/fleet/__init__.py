"""The whole of supply and demand at a glance: figures for operators and providers, and what operators decide."""
