"""Sixty workbooks with questions and wrong totals: are the numbers of the answers those of a recomputation?"""
