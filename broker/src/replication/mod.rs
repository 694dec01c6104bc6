//! What a leader knows of its partitions: the log, the high watermark and who waits for it.
