//! Link arguments: the symbols of Node-API come from the process that loads the library.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    let system = std::env::var("CARGO_CFG_TARGET_OS").unwrap_or_default();
    if system == "macos" {
        println!("cargo:rustc-cdylib-link-arg=-undefined");
        println!("cargo:rustc-cdylib-link-arg=dynamic_lookup");
    }
    if system == "linux" {
        // Node unloads an addon with the last worker that used it; the runtime's threads go on in it.
        println!("cargo:rustc-cdylib-link-arg=-Wl,-z,nodelete");
    }
}
