//! The record of a run: what its manifest says, and its report.

use std::collections::BTreeMap;
use std::path::PathBuf;

use jirei::manifest::{self, Manifest};
use jirei::rule::Rulebook;
use jirei::tally::Tally;
use jirei::tokenize::{LINDERA_VERSION, Tokenizer};

use crate::args::{InputArgs, RuleArgs};
use crate::exit::Failure;
use crate::inputs::Inputs;

/// The manifest of a run over `inputs`, which must have been read to their ends. The outputs are left to the folder.
pub fn manifest(
    rules: &RuleArgs,
    tokenizer: &Tokenizer,
    rulebook: &Rulebook,
    inputs: &Inputs,
    options: BTreeMap<String, String>,
    tally: &Tally,
) -> Result<Manifest, Failure> {
    let identity = tokenizer.identity()?;
    let words = tokenizer.words();
    let shown = |path: &PathBuf| path.display().to_string();
    Ok(Manifest {
        schema: manifest::SCHEMA.to_owned(),
        program: manifest::Program::current(),
        lindera: manifest::Lindera { version: LINDERA_VERSION.to_owned() },
        dictionary: manifest::Dictionary { name: identity.name, sha256: identity.sha256 },
        user_dictionary: Some(manifest::UserDictionary {
            entries: words.len(),
            sha256: manifest::sha256(format!("{words:?}").as_bytes()),
        }),
        rules: manifest::Rules {
            source: rules.rules.as_ref().map_or_else(|| "内蔵".to_owned(), shown),
            sha256: rulebook.sha256().to_owned(),
            categories: rulebook.categories().len(),
            rules: rulebook.rule_count(),
        },
        inputs: inputs.digests()?,
        options,
        accounting: inputs.accounting(tally),
        outputs: Vec::new(),
    })
}

/// The options that change the results, by their long names: those of the input, and `others`.
pub fn options(input: &InputArgs, others: &[(&str, String)]) -> BTreeMap<String, String> {
    let mut options: BTreeMap<String, String> =
        others.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    for (name, value) in [("id", &input.id), ("question", &input.question)] {
        if let Some(value) = value {
            options.insert(name.to_owned(), value.clone());
        }
    }
    let named = [
        ("encoding", input.encoding.map(|encoding| encoding.name().to_owned())),
        (
            "delimiter",
            input.delimiter.map(|delimiter| jirei::read::Delimiter::from(delimiter).name().to_owned()),
        ),
        ("sheet", input.sheet.clone()),
        ("skip-bad-rows", input.skip_bad_rows.then(|| "true".to_owned())),
        ("allow-duplicate-ids", input.allow_duplicate_ids.then(|| "true".to_owned())),
    ];
    options.extend(named.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))));
    if !input.texts.is_empty() {
        options.insert("text".to_owned(), input.texts.join(","));
    }
    options
}
