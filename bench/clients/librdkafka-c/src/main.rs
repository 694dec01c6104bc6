//! Hands `bench.c` its arguments: cargo links it to librdkafka this way, nothing else happens in here.

use rdkafka_sys as _;
use std::ffi::{CString, c_char, c_int};
use std::process::ExitCode;

unsafe extern "C" {
    fn bench_main(argc: c_int, argv: *const *const c_char) -> c_int;
}

fn main() -> ExitCode {
    let arguments: Vec<CString> =
        std::env::args().map(|argument| CString::new(argument).expect("no NUL")).collect();
    let pointers: Vec<*const c_char> = arguments.iter().map(|argument| argument.as_ptr()).collect();
    // SAFETY: `argc` strings that end in NUL and outlive the call.
    let status = unsafe { bench_main(c_int::try_from(pointers.len()).expect("few"), pointers.as_ptr()) };
    if status == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
