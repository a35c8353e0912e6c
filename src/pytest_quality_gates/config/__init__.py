"""What the user asked for: settings, gate table, profiles."""
