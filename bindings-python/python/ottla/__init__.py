"""A Kafka client: batching producer, consumer groups, admin.

>>> import ottla
>>> with ottla.Producer({"bootstrap.servers": "localhost:9092"}) as producer:
...     producer.send("orders", "paid", key="42")

:mod:`ottla.aio` has the same for asyncio, :mod:`ottla.testing` a Kafka broker for tests.
"""

from . import _errors
from ._admin import Admin
from ._admin_types import *  # noqa: F403
from ._admin_types import __all__ as _admin_names
from ._errors import *  # noqa: F403
from ._errors import __all__ as _error_names
from ._logging import set_log_level
from ._options import AdminOptions, ConsumerOptions, ProducerOptions
from ._ottla import Delivery, Record, RecordMetadata, Records, __version__
from ._sync import Consumer, Headers, Octets, OnDelivery, Producer
from ._types import GroupMetadata, OffsetAndMetadata, OffsetAndTimestamp, PartitionInfo, TopicPartition

__all__ = [
    "Producer",
    "Consumer",
    "Admin",
    "Record",
    "Records",
    "RecordMetadata",
    "Delivery",
    "TopicPartition",
    "OffsetAndMetadata",
    "OffsetAndTimestamp",
    "PartitionInfo",
    "GroupMetadata",
    "Octets",
    "Headers",
    "OnDelivery",
    "ProducerOptions",
    "ConsumerOptions",
    "AdminOptions",
    "set_log_level",
    "__version__",
    *_error_names,
    *_admin_names,
]
