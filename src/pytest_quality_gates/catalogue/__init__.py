"""The data that says which callables are external, blocking, a breaker, a retry, a log, a timeout scope."""
