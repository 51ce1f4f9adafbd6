"""What hosts measure: batches taken in, points kept and rolled up, health checks and logs, and reading them back."""
