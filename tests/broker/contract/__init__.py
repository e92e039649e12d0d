"""What every event log promises; subclassed for each of them, so that nothing is promised by one alone."""

from tests.broker.contract.operating import OperatingContract
from tests.broker.contract.placing import PlacingContract
from tests.broker.contract.sharing import SharingContract
from tests.broker.contract.writing import WritingContract


class LogContract(WritingContract, PlacingContract, SharingContract, OperatingContract):
    """The whole contract; subclasses give `url` and declare in what they differ."""
