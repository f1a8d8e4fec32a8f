//! `jirei verify`: hashes the files of a run again and compares them with its manifest.

use std::io::Write;

use jirei::manifest;

use crate::args::VerifyArgs;
use crate::exit::{Outcome, Status};
use crate::output::Output;

pub fn run(args: &VerifyArgs, output: &Output) -> Outcome {
    let findings = manifest::verify(&args.folder)?;
    let mut out = std::io::stdout().lock();
    for finding in &findings {
        writeln!(out, "{finding}")?;
    }
    let failures = findings.iter().filter(|finding| finding.is_failure()).count();
    if failures == 0 {
        output.say("すべて記録どおりです");
        Ok(Status::Done)
    } else {
        output.say(&format!("{failures} 件が記録と違います"));
        Ok(Status::Findings)
    }
}
