"""
Backup and restore of an installation: all databases at one moment, in one encrypted file.

A backup is taken by a role that may read and nothing else (`snapshot`, `taking`), and
encrypted on its way to the disk to a key whose private half lies elsewhere (`archive`). Inside
are PostgreSQL's own dumps and a signed manifest (`manifest`): what each table held. A restore
believes nothing before the whole file is proved whole (`restoring`). How many are kept is
a rule (`retention`); how it stands is read from the folder (`standing`).
"""
