//! Sources of the C binding that are written from the tables in the code: statuses, error codes, option names, and the
//! header, which cbindgen makes from the binding's own sources.

mod admin;

use super::Generated;
use super::settle::rustfmt;
use ottla::ErrorKind;
use ottla_wire::ErrorCode;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

const STATUS: &str = "bindings-c/src/generated/status.rs";

/// Rust sources of the binding; the header is made from them, see [`header`].
pub(crate) fn files() -> Vec<Generated> {
    let admin = ("bindings-c/src/generated/admin.rs", admin::source());
    [(STATUS, status()), ("bindings-c/src/generated/codes.rs", codes()), admin]
        .map(|(path, text)| Generated::new(path, rustfmt(&text).expect("the generator writes Rust")))
        .into()
}

/// A kind's name in C. Words that say too little by themselves get a second one.
fn status_name(kind: ErrorKind) -> String {
    let name = kind.name().to_uppercase();
    let suffix = match kind {
        ErrorKind::Config
        | ErrorKind::Network
        | ErrorKind::Protocol
        | ErrorKind::Broker
        | ErrorKind::Internal => "_ERROR",
        _ => "",
    };
    format!("OTTLA_{name}{suffix}")
}

/// The numbers that names have in the file as it is: a number once given stays.
#[allow(clippy::disallowed_methods)] // A file of the repository, not data whose durability is tested.
fn numbers_given(path: &str) -> BTreeMap<String, u32> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path);
    let text = std::fs::read_to_string(file).unwrap_or_default();
    let line = |line: &str| {
        let (name, number) = line.trim().strip_suffix(',')?.split_once(" = ")?;
        Some((name.to_owned(), number.parse().ok()?))
    };
    text.lines().filter_map(line).collect()
}

fn status() -> String {
    let given = numbers_given(STATUS);
    let mut next = given.values().max().map_or(1, |last| last + 1);
    let mut rows = Vec::new();
    for kind in ErrorKind::ALL {
        let name = status_name(*kind);
        let number = given.get(&name).copied().unwrap_or_else(|| {
            next += 1;
            next - 1
        });
        rows.push((number, name, kind));
    }
    rows.sort_by_key(|(number, ..)| *number);
    let mut text = "//! What a call returns: one value for each kind of error of the client.
//!
//! Generated from the client's error kinds, do not edit: `make gen`.

use ottla::ErrorKind;
use std::ffi::c_char;

/// What a call returns: OTTLA_OK, or what sort of failure it was, that is: what a caller can do about it. Later versions may
/// return values that are not here yet.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ottla_status_t {
    /// It did what it says.
    OTTLA_OK = 0,\n"
        .to_owned();
    for (number, name, kind) in &rows {
        let _ = write!(text, "    /// {}\n    {name} = {number},\n", kind.doc());
    }
    text += "}\n\npub(crate) fn status_of(kind: ErrorKind) -> ottla_status_t {\n    match kind {\n";
    for (_, name, kind) in &rows {
        let _ = writeln!(text, "        ErrorKind::{kind:?} => ottla_status_t::{name},");
    }
    text += "        _ => ottla_status_t::OTTLA_INTERNAL_ERROR,\n    }\n}\n\n";
    text += "/// The name of a status, as \"queue_full\"; \"ok\" for OTTLA_OK. Lives for ever.\n";
    text += "#[unsafe(no_mangle)]\npub extern \"C\" fn ottla_status_name(status: i32) -> *const c_char {\n";
    text += "    let name = match status {\n        0 => c\"ok\",\n";
    for (number, _, kind) in &rows {
        let _ = writeln!(text, "        {number} => c{:?},", kind.name());
    }
    text + "        _ => c\"unknown\",\n    };\n    name.as_ptr()\n}\n"
}

fn codes() -> String {
    let mut text = "//! Kafka's error codes.
//!
//! Generated from the wire's table of errors, do not edit: `make gen`.

use std::ffi::c_char;

/// Kafka's error codes, as brokers send them. Brokers may send newer ones.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ottla_code_t {\n"
        .to_owned();
    for code in ErrorCode::all() {
        let _ = write!(text, "    /// {}.\n    OTTLA_CODE_{} = {},\n", code.message(), code.name(), code.0);
    }
    text += "}\n\npub(crate) fn code_name(code: i32) -> *const c_char {\n    let name = match code {\n";
    for code in ErrorCode::all() {
        let _ = writeln!(text, "        {} => c{:?},", code.0, code.name());
    }
    text + "        _ => c\"UNKNOWN_ERROR_CODE\",\n    };\n    name.as_ptr()\n}\n"
}

/// `ottla.h`, from the binding's sources as they are, and the reference page made of its comments.
pub(crate) fn header() -> Vec<Generated> {
    let header = cbindgen_header();
    vec![Generated::new("bindings-c/include/ottla.h", header)]
}

const BEGINNING: &str = "/*
 * Ottla: a Kafka client for C and C++. ottla.hpp is the same for C++17.
 *
 * Generated from bindings-c/src, do not edit: make gen.
 *
 * Ownership. What comes back through a `T **` is the caller's and is freed with the function named there; everything else
 * that a function returns is borrowed and lives as long as the comment says. Arguments are borrowed for the length of the
 * call. Every ..._free() accepts NULL.
 *
 * Errors. Calls return an ottla_status_t. Through the last argument, where it is not NULL, they give an ottla_error_t that
 * says more: NULL on success, else the caller's to free. A NULL or malformed argument is OTTLA_INVALID_ARGUMENT.
 *
 * Waiting. Every call that may wait takes a timeout in milliseconds and returns by it; 0 never waits.
 *
 * Threads. Handles may be used from any thread; freeing one ends its use. The library calls back only from within calls
 * that say so, on the calling thread. In a child made by fork(), calls of inherited clients return OTTLA_FORKED; make new
 * ones there.
 */";

const FIRST_MACROS: &str = "
/** A length that stands for \"up to the NUL\". */
#define OTTLA_NUL_TERMINATED SIZE_MAX
";

const MACROS: &str = "/** A set of options from names and values in turn: OTTLA_CONFIG(\"bootstrap.servers\", servers, \"acks\", \"all\"). See
 * ottla_config_of(). */
#ifndef __cplusplus
#define OTTLA_CONFIG(...) ottla_config_of((const char *const[]){__VA_ARGS__, NULL, NULL})
#endif
";

fn cbindgen_header() -> String {
    let krate = Path::new(env!("CARGO_MANIFEST_DIR")).join("../bindings-c");
    let mut config = cbindgen::Config {
        language: cbindgen::Language::C,
        cpp_compat: true,
        include_guard: Some("OTTLA_H".to_owned()),
        header: Some(BEGINNING.to_owned()),
        no_includes: true,
        sys_includes: ["stdbool.h", "stddef.h", "stdint.h"].map(str::to_owned).into(),
        documentation_style: cbindgen::DocumentationStyle::Doxy,
        style: cbindgen::Style::Type,
        line_length: 110,
        usize_is_size_t: true,
        trailer: Some(format!("{}\n{MACROS}", option_macros())),
        after_includes: Some(FIRST_MACROS.to_owned()),
        ..Default::default()
    };
    config.enumeration.enum_class = false;
    config.parse.parse_deps = false;
    // No signature names it: codes are numbers there, since brokers may send newer ones.
    config.export.include = admin::enum_names().chain(["ottla_code_t".to_owned()]).collect();
    let mut text = Vec::new();
    let made = cbindgen::Builder::new().with_config(config).with_crate(krate).generate();
    made.expect("cbindgen reads the binding's sources").write(&mut text);
    String::from_utf8(text).expect("a header of text")
}

/// A macro for each option's name, with what the table says of it.
fn option_macros() -> String {
    use ottla::config::ClientKind;
    use ottla::config::table::{self, DefaultValue, Support};
    let mut text = "/* Option names: typing one wrong is an error of the compiler's. */\n".to_owned();
    for row in table::rows().iter().filter(|row| row.support == Support::Used) {
        let kinds: Vec<_> = row.kinds.iter().map(|kind| kind.to_string()).collect();
        let default = match row.default {
            DefaultValue::Required => "Must be set.".to_owned(),
            DefaultValue::Null => "Not set by default.".to_owned(),
            DefaultValue::Text(default) => format!("Default: \"{default}\"."),
            DefaultValue::PerKind(..) => {
                let each = ClientKind::ALL
                    .into_iter()
                    .filter(|kind| row.kinds.contains(*kind))
                    .map(|kind| format!("\"{}\" ({kind})", row.default.for_kind(kind).unwrap_or_default()));
                format!("Default: {}.", each.collect::<Vec<_>>().join(", "))
            }
        };
        let name = row.name.to_uppercase().replace(['.', '-'], "_");
        let doc = row.doc.replace("*/", "* /").replace('\n', " ");
        let _ = write!(
            text,
            "\n/** For {}. {doc} {default} */\n#define OTTLA_OPTION_{name} \"{}\"\n",
            kinds.join(", "),
            row.name,
        );
    }
    text
}
