"""The mathematics of drift, pure: distances between binned distributions, and what they are when nothing has drifted.

Arrays have their bins on the last axis; any axes before it are kept, so that one call serves many windows at once.
Every threshold is a product of a constant, which a compiler knows, and of closed forms of the sample sizes, which
PromQL can say. `docs/statistics.md` has the table of all of them.
"""
