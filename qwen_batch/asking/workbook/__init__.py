"""What a prompt shows of a workbook: heads of tables, computed facts, and in its grammar the document's own names."""
