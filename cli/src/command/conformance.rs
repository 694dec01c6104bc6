//! `ottla conformance`: the suite, with this binary's broker as one of its targets.

use crate::failure::Failure;
use ottla_conformance::cli::{self, Verb};
use ottla_env::Env;
use std::process::ExitCode;

/// Judge a broker or a client: every case, every driver, one report.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

pub(crate) fn run(arguments: Arguments) -> Result<(), Failure> {
    crate::cluster::log_to_stderr("warn");
    crate::cluster::block_on(async {
        let code = cli::main(&Env::system(), arguments.verb).await;
        if code == ExitCode::SUCCESS {
            Ok(())
        } else {
            Err(Failure::said("not everything passed: see the report above"))
        }
    })
}
