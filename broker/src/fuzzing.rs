//! What the fuzz targets of `broker/fuzz` call; compiled with `--cfg fuzzing` and for tests only.
//!
//! Owns nothing: each function lives beside the code it attacks, most of which is not public.

pub use crate::coordinator::group::fuzzing::coordinator_records;
pub use crate::log::fuzzing::log_recovery;
pub use crate::metadata::fuzzing::metadata_records;

/// Reads small numbers and pieces off the front of an input; zeros and nothing once it is used up.
pub(crate) struct Input<'a>(pub(crate) &'a [u8]);

impl<'a> Input<'a> {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *first
    }

    pub(crate) fn number(&mut self) -> usize {
        usize::from(self.byte()) << 8 | usize::from(self.byte())
    }

    /// At most `len` bytes.
    pub(crate) fn bytes(&mut self, len: usize) -> &'a [u8] {
        let (taken, rest) = self.0.split_at(len.min(self.0.len()));
        self.0 = rest;
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_take_inputs_of_nothing_and_of_noise() {
        let noise: Vec<u8> = (0u32..2000).map(|at| (at.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
        for input in [&[][..], &noise] {
            log_recovery(input);
            coordinator_records(input);
            metadata_records(input);
        }
    }
}
