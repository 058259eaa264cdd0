"""What a document says to the model that reads it.

injected_orders, order_signs  usual wordings, which no prompt shows
suspects, reader_words        passages that may speak to a reader that answers, found by their words
speaks_to_reader              the model asked of each of these, one token; and the fields answered again without them
"""
