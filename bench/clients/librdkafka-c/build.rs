//! Compiles `bench.c` against the header of the librdkafka that rdkafka-sys compiled.

use std::path::PathBuf;

fn main() {
    let root = PathBuf::from(
        std::env::var_os("DEP_RDKAFKA_ROOT").expect("rdkafka-sys tells where librdkafka was built"),
    );
    cc::Build::new()
        .file("bench.c")
        .include(root.join("src"))
        .include("../c")
        .warnings(true)
        .extra_warnings(true)
        .compile("bench");
    println!("cargo::rerun-if-changed=bench.c");
    println!("cargo::rerun-if-changed=../c/harness.h");
}
