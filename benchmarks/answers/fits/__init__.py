"""Does a document fit a job: how many contracts, receipts and other documents are sorted right by one token each."""
