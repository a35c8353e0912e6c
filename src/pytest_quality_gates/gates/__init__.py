"""One module a gate: facts in, outcome out."""
