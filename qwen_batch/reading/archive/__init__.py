"""Archives as folders of documents: zip, tar, compressed files, mailboxes.

kinds       what is an archive, by its content
names       how a member is called, and which are none
container   the entries of an archive and their bytes
contents    all members of an archive with their hashes, within limits
unpack      one member's bytes as a file
named       inputs that name a member

All but `names` and `named` runs in the child process. Nothing is ever written under a name that an archive states.
"""
