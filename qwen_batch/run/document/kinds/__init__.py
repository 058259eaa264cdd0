"""Jobs that are asked in a way of their own: of workbooks, of logs, passage by passage, and those that write drafts."""
