"""The promises of SECURITY.md, each tried many times.

A module is one promise: `PROMISE` says it, `check(rounds)` tries it that many times, raises
`AssertionError` where it does not hold, and returns what was seen in a sentence. The tests run a quick
share of each; `python -m tests.trust` runs the long one and prints the rows of benchmarks/RESULTS.md.
"""
