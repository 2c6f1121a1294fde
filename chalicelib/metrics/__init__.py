"""What incidents add up to: moments, facts, rollups and the report.

Numbers here are read by people who decide on them: every figure says how many incidents it is made of, and none is shown
that so few cannot carry.
"""
