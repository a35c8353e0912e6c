"""One module a format: a report in, text out."""
