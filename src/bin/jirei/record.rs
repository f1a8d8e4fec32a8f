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
    let (dictionary, words) = dictionaries(tokenizer)?;
    let shown = |path: &PathBuf| path.display().to_string();
    Ok(Manifest {
        schema: manifest::SCHEMA.to_owned(),
        program: manifest::Program::current(),
        lindera: manifest::Lindera { version: LINDERA_VERSION.to_owned() },
        dictionary,
        user_dictionary: Some(words),
        rules: manifest::Rules {
            source: rules.rules.as_ref().map_or_else(|| "内蔵".to_owned(), shown),
            sha256: rulebook.sha256().to_owned(),
            categories: rulebook.categories().len(),
            rules: rulebook.rule_count(),
        },
        inputs: inputs.digests()?,
        options,
        command: Vec::new(),
        accounting: inputs.accounting(tally),
        outputs: Vec::new(),
    })
}

/// What a manifest says of the dictionaries of `tokenizer`.
pub fn dictionaries(
    tokenizer: &Tokenizer,
) -> Result<(manifest::Dictionary, manifest::UserDictionary), Failure> {
    let identity = tokenizer.identity()?;
    let words = tokenizer.words();
    let sha256 = manifest::sha256(format!("{words:?}").as_bytes());
    let dictionary = manifest::Dictionary { name: identity.name, sha256: identity.sha256 };
    Ok((dictionary, manifest::UserDictionary { entries: words.len(), sha256 }))
}

/// The command line that tags `inputs` again with the options in force, without where it writes.
pub fn command(inputs: &Inputs, rules: &RuleArgs, quotes: usize) -> Vec<String> {
    let args = inputs.args();
    let shown = |path: &PathBuf| path.display().to_string();
    let mut command = vec!["tag".to_owned()];
    let mut option = |name: &str, value: Option<String>| {
        command.extend(value.map(|value| format!("--{name}={value}")));
    };
    option("survey", inputs.survey().map(|path| path.display().to_string()));
    option("id", args.table.id.clone());
    for text in &args.table.texts {
        option("text", Some(text.clone()));
    }
    option("question", args.table.question.clone());
    option("encoding", args.table.encoding.map(|encoding| encoding.name().to_owned()));
    option(
        "delimiter",
        args.table.delimiter.map(|delimiter| jirei::read::Delimiter::from(delimiter).name().to_owned()),
    );
    option("sheet", args.table.sheet.clone());
    option("header-row", args.table.header_row.map(|row| row.to_string()));
    option("rules", rules.rules.as_ref().map(shown));
    option("dictionary", rules.dictionary.dictionary.as_ref().map(shown));
    for words in &rules.dictionary.user_dictionaries {
        option("user-dictionary", Some(shown(words)));
    }
    option("quotes", Some(quotes.to_string()));
    let switches = [
        ("--skip-bad-rows", args.table.skip_bad_rows),
        ("--allow-duplicate-ids", args.table.allow_duplicate_ids),
    ];
    command.extend(switches.iter().filter(|(_, is_on)| *is_on).map(|(name, _)| (*name).to_owned()));
    // What follows is no option, whatever it is called.
    command.push("--".to_owned());
    command.extend(args.inputs.iter().map(shown));
    command
}

/// The options that change the results, by their long names: those of the input, and `others`.
pub fn options(input: &InputArgs, others: &[(&str, String)]) -> BTreeMap<String, String> {
    let mut options: BTreeMap<String, String> =
        others.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    for (name, value) in [("id", &input.table.id), ("question", &input.table.question)] {
        if let Some(value) = value {
            options.insert(name.to_owned(), value.clone());
        }
    }
    let named = [
        ("encoding", input.table.encoding.map(|encoding| encoding.name().to_owned())),
        (
            "delimiter",
            input.table.delimiter.map(|delimiter| jirei::read::Delimiter::from(delimiter).name().to_owned()),
        ),
        ("sheet", input.table.sheet.clone()),
        ("header-row", input.table.header_row.map(|row| row.to_string())),
        ("skip-bad-rows", input.table.skip_bad_rows.then(|| "true".to_owned())),
        ("allow-duplicate-ids", input.table.allow_duplicate_ids.then(|| "true".to_owned())),
    ];
    options.extend(named.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))));
    if !input.table.texts.is_empty() {
        options.insert("text".to_owned(), input.table.texts.join(","));
    }
    options
}
