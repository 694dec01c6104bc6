//! Turns the protocol's tables (`tables/*.tsv`, `schema/*.jsonl`) into static Rust tables.
//!
//! The tables are the source: a new error code, API version or field is a line there, not code.
#![allow(clippy::disallowed_methods)] // A build script.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::{env, fs, path::Path};

#[path = "build/apis.rs"]
mod apis;
#[path = "build/errors.rs"]
mod errors;
#[path = "build/schema.rs"]
mod schema;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=build");
    println!("cargo::rerun-if-changed=tables");
    println!("cargo::rerun-if-changed=schema");
    let out = env::var("OUT_DIR").expect("cargo sets OUT_DIR");
    let out = Path::new(&out);
    fs::write(out.join("error_code_table.rs"), errors::generate(&read("tables/errors.tsv"))).unwrap();
    fs::write(out.join("api_table.rs"), apis::generate(&read("tables/apis.tsv"))).unwrap();
    let schemas = schema::generate(|file| read(&format!("schema/{file}")));
    fs::write(out.join("schema_table.rs"), schemas).unwrap();
}

fn read(path: &str) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The rows of a tab-separated table, without its header line.
fn rows(table: &str) -> impl Iterator<Item = Vec<&str>> {
    table.lines().skip(1).filter(|line| !line.is_empty()).map(|line| line.split('\t').collect())
}
