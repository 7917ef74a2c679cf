"""This library beside what people use instead, on the same work in one run: `python -m
benchmarks`.
"""
