"""The evaluator, the third front end: cases -> the chain -> scores, a run record, a comparison, a report.

It calls the chain that the REPL and Slack call, in this process, so the numbers are those of the product.
"""
