"""How large is the report of an output, how long does it take, and how soon does a browser show it?"""
