"""Sensors, one per file; a failing sensor does not affect the others."""
