//! A class for each kind of error.

use super::{comment, head};
use ottla::ErrorKind;
use std::fmt::Write as _;

const FROM: &str = "the client's error kinds";

/// `TimeoutError` of `Timeout`.
fn class_name(kind: ErrorKind) -> String {
    format!("{}Error", kind.class_name())
}

pub(super) fn source() -> String {
    let mut text = head(FROM);
    text.push_str("'use strict';\n\nexports.KINDS = [\n");
    for kind in ErrorKind::ALL {
        let _ = writeln!(text, "  {{ kind: '{}', className: '{}' }},", kind.name(), class_name(*kind));
    }
    text.push_str("];\n");
    text
}

/// The classes by name, for `import`.
pub(super) fn module() -> String {
    let mut text = head(FROM);
    text.push_str("import errors from '../errors.js';\nexport const {\n");
    for kind in ErrorKind::ALL {
        let _ = writeln!(text, "  {},", class_name(*kind));
    }
    text.push_str("} = errors;\n");
    text
}

pub(super) fn types() -> String {
    let mut text = head(FROM);
    text.push_str("import { KafkaError } from '../errors';\n\n");
    text.push_str(&comment("", &["What sort of failure it is, that is: what a caller can do about it."]));
    text.push_str("export type ErrorKind =\n");
    let names: Vec<_> = ErrorKind::ALL.iter().map(|kind| format!("  | '{}'", kind.name())).collect();
    let _ = writeln!(text, "{};", names.join("\n"));
    for kind in ErrorKind::ALL {
        text.push('\n');
        text.push_str(&comment("", &[kind.doc()]));
        let _ = writeln!(text, "export class {} extends KafkaError {{", class_name(*kind));
        let _ = writeln!(text, "  readonly kind: '{}';\n}}", kind.name());
    }
    text
}
