//! What a handled request comes to.

use super::Outbound;

/// What becomes of a request.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// It is answered.
    Respond(Outbound),
    /// It wants no answer.
    Silent,
    /// It has no answer, and the connection ends.
    Close(String),
}
