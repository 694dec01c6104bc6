//! The generated sources of the bindings are what the tables say. `make gen` writes them; one that differs fails here.

#[path = "../src/generate/mod.rs"]
mod generate;

#[test]
fn python() {
    generate::settle_all(&generate::python::files());
}

#[test]
fn node() {
    generate::settle_all(&generate::node::files());
}

#[test]
fn c() {
    generate::settle_all(&generate::c::files());
    // Made from the sources that the line above settled.
    generate::settle_all(&generate::c::header());
}

#[test]
fn kotlin() {
    generate::settle_all(&generate::kotlin::files());
    // Made from the sources that the line above settled.
    generate::settle_all(&generate::kotlin::reference());
}

#[test]
fn rust_sources_are_formatted_as_cargo_fmt_does() {
    assert_eq!(generate::settle::rustfmt("fn  f( ) {}").unwrap(), "fn f() {}\n");
    assert!(generate::settle::rustfmt("fn fn").is_err());
}
