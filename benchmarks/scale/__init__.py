"""What a run costs beside reading and answering, and how it grows with the number of documents."""
