"""What other tools know: coverage, types, versions."""
