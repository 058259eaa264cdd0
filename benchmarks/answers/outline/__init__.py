"""Report outlines against gold: headings in order, and key figures with their citations."""
