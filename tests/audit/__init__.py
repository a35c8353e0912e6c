"""Precision on code without labels: findings drawn at random over real packages, each judged by reading the code."""
