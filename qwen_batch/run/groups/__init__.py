"""Many documents, one answer: groups of another job's rows, and the way of each as one document."""
