"""What a reader of a PDF page sees and what nobody sees: annotations and forms, hidden text, strikes, fonts' maps."""
