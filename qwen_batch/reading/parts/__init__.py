"""What readers share: the contract, text being written, containers, encodings, pictures. Knows no format of its own."""
