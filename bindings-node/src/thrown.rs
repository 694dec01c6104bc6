//! Errors on their way to JavaScript, which makes objects of them.

/// An error to throw, as JSON text.
#[derive(Debug)]
pub(crate) struct Thrown(pub(crate) String);

impl From<ottla::Error> for Thrown {
    fn from(error: ottla::Error) -> Self {
        Self(ottla::facade::error_json(&error).to_string())
    }
}

impl Thrown {
    /// A call that the package's own JavaScript should not have made.
    pub(crate) fn defect(what: &str) -> Self {
        ottla::Error::new(ottla::ErrorKind::Internal, "call the native part", what.to_owned())
            .with_hint("this is a defect of the library: please report it with this text")
            .into()
    }
}
