"""How fast this machine narrates, beside what a user would run instead.

contenders.py (whole commands) and listening.py (how soon sound comes) are measured by turns, so
that what else the machine does meets all of them; stages.py tells where our own time goes;
report.py makes a table, JSON and a plot of it.
"""
