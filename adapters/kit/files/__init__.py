"""Partners who talk in files: a folder, SFTP or FTPS, with the same manners everywhere."""

from adapters.kit.files.account import Account
from adapters.kit.files.drop import Drop, Folders, Taken, Visit
from adapters.kit.files.folder import Folder
from adapters.kit.files.ftps import Ftps
from adapters.kit.files.interchanges import Parted, deliveries
from adapters.kit.files.numbered import Numbered, told_at
from adapters.kit.files.place import Place, Seen
from adapters.kit.files.sftp import Sftp
from adapters.kit.files.told import look_up, tell

__all__ = [
    "Account",
    "Drop",
    "Folder",
    "Folders",
    "Ftps",
    "Numbered",
    "Parted",
    "Place",
    "Seen",
    "Sftp",
    "Taken",
    "Visit",
    "deliveries",
    "look_up",
    "tell",
    "told_at",
]
