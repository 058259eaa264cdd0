"""What a document says twice, and otherwise: values that rest on an order to the reader, and facts that contradict."""
