"""Holds the catalogue against the real libraries: every name of a file must exist in the release it was written for."""
