//! Compaction: keeping the last record of every key.

/// What the cleaner goes by. Defaults are Kafka's.
#[derive(Clone, Debug)]
pub(crate) struct CleanerConfig {
    /// `log.cleaner.enable`
    pub(crate) enable: bool,
    /// `log.cleaner.threads`
    pub(crate) threads: usize,
    /// `log.cleaner.dedupe.buffer.size`: what the keys of one pass may take, all threads together.
    pub(crate) dedupe_buffer_size_bytes: u64,
    /// `log.cleaner.io.buffer.load.factor`
    pub(crate) io_buffer_load_factor: f64,
    /// `log.cleaner.io.max.bytes.per.second`
    pub(crate) io_max_bytes_per_second: f64,
    /// `log.cleaner.backoff.ms`
    pub(crate) backoff_ms: u64,
}

impl Default for CleanerConfig {
    fn default() -> Self {
        Self {
            enable: true,
            threads: 1,
            dedupe_buffer_size_bytes: 128 << 20,
            io_buffer_load_factor: 0.9,
            io_max_bytes_per_second: f64::MAX,
            backoff_ms: 15_000,
        }
    }
}
