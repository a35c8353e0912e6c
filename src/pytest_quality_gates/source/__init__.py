"""Source text to facts: names, calls, guards, call graph. The one package that reads Python's syntax tree."""
