//! `tables/errors.tsv` → the constants and the static table of `error_code.rs`.

use std::fmt::Write;

pub(crate) fn generate(table: &str) -> String {
    let mut constants = String::from("impl ErrorCode {\n");
    let mut entries = String::from("static TABLE: &[Entry] = &[\n");
    for (index, row) in super::rows(table).enumerate() {
        let [code, name, retriable, refresh_metadata, _exception, _superclasses, client_action, message] =
            row[..]
        else {
            panic!("errors.tsv: expected 8 columns in {row:?}");
        };
        let code: i16 = code.parse().unwrap();
        assert_eq!(
            i64::from(code),
            index as i64 - 1,
            "errors.tsv must be dense from -1, so that it can be indexed"
        );
        writeln!(
            constants,
            "    /// {code}: {message}.\n    pub const {name}: ErrorCode = ErrorCode({code});"
        )
        .unwrap();
        writeln!(
            entries,
            "    Entry {{ name: {name:?}, message: {message:?}, retriable: {retriable}, \
             refreshes_metadata: {refresh_metadata}, client_action: {client_action:?} }},"
        )
        .unwrap();
    }
    constants + "}\n" + &entries + "];\n"
}
