"""Where bytes lie, a folder or S3: whole under their name or not there, with one writer.

places, store, local, s3   the operations that exactly-once writing needs
lock/                      one writer at a time
sources                    what is remembered of each input file
file_cache                 a folder of files with a size limit

Knows nothing of tables.
"""
