"""What the machine is and does: one sensor per file, each of which answers even where its probe fails."""
