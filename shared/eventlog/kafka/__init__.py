"""
The event log on Apache Kafka, through kafka-python; the only package that imports it.

Owns nothing: topics and groups live in the cluster.
"""

from shared.eventlog.kafka.adapter import KafkaLog, kafka_log

__all__ = ["KafkaLog", "kafka_log"]
