//! What most commands begin with: the tokenizer and the rulebook that the options ask for.

use std::mem::ManuallyDrop;
use std::path::Path;
use std::sync::Arc;

use jirei::diagnostic::SourceFile;
use jirei::publish::Draft;
use jirei::rule::{self, CategoryId, Compiled, RuleFiles, Rulebook};
use jirei::tokenize::{Source, Tokenizer};
use jirei::user_words;

use crate::args::{DictionaryArgs, RuleArgs};
use crate::exit::Failure;
use crate::interrupt;
use crate::output::Output;

/// The tokenizer with the shipped words and those of the user.
pub fn tokenizer(args: &DictionaryArgs) -> Result<Tokenizer, Failure> {
    let source = args.dictionary.clone().map_or(Source::Embedded, Source::Folder);
    let mut words = user_words::shipped();
    for path in &args.user_dictionaries {
        words.append(&mut user_words::read(path)?);
    }
    Ok(Tokenizer::new(source, words)?)
}

/// The rules asked for, compiled, with everything found on the way.
pub fn compile(args: &RuleArgs, tokenizer: &Tokenizer) -> Result<Compiled, Failure> {
    Ok(rule::compile(&sources(args)?, tokenizer))
}

/// The rule files asked for.
pub fn sources(args: &RuleArgs) -> Result<Vec<Arc<SourceFile>>, Failure> {
    Ok(match &args.rules {
        Some(path) => rule::source::load(path)?,
        None => rule::shipped::sources(),
    })
}

/// The tokenizer and the rulebook asked for. Errors in the rules are shown; warnings are `jirei check`'s business.
///
/// They serve until the program ends; taking them apart then would cost a few milliseconds.
pub fn tokenizer_and_rulebook(
    args: &RuleArgs,
    output: &Output,
) -> Result<(ManuallyDrop<Tokenizer>, ManuallyDrop<Rulebook>), Failure> {
    // The rules are read while the dictionary takes in the user's words: each is a fifth of the way to the first answer.
    let read = || sources(args).map(|sources| RuleFiles::read(&sources));
    let (tokenizer, rules) = rayon::join(|| tokenizer(&args.dictionary), read);
    let tokenizer = tokenizer?;
    let rulebook = usable(rule::compile_read(rules?, &[], &tokenizer), output)?;
    Ok((ManuallyDrop::new(tokenizer), ManuallyDrop::new(rulebook)))
}

/// The rulebook asked for, with conditions that are asked about. What is doubtful in one of them is shown as well.
pub fn rulebook_with(
    args: &RuleArgs,
    queries: &[Arc<SourceFile>],
    tokenizer: &Tokenizer,
    output: &Output,
) -> Result<Rulebook, Failure> {
    let compiled = rule::compile_read(RuleFiles::read(&sources(args)?), queries, tokenizer);
    let is_asked = |file: &Arc<SourceFile>| queries.iter().any(|query| Arc::ptr_eq(query, file));
    for warning in compiled.diagnostics.iter().filter(|found| !found.is_error() && is_asked(&found.file)) {
        output.diagnostic(warning);
    }
    usable(compiled, output)
}

/// The rulebook that compiling came to. Errors are shown.
pub fn usable(compiled: Compiled, output: &Output) -> Result<Rulebook, Failure> {
    match compiled.rulebook {
        Some(rulebook) => Ok(rulebook),
        None => {
            let errors: Vec<_> =
                compiled.diagnostics.iter().filter(|diagnostic| diagnostic.is_error()).collect();
            for error in &errors {
                output.diagnostic(error);
            }
            Err(Failure::Rules(errors.len()))
        }
    }
}

/// Writes a finished result to a file, which appears whole or not at all, or to stdout (`-`).
pub fn publish(target: &Path, bytes: &[u8]) -> Result<(), Failure> {
    interrupt::check()?;
    let mut draft = Draft::create(target)?;
    draft.put(bytes)?;
    draft.commit()?;
    Ok(())
}

/// The category with this id or name.
pub fn category(rulebook: &Rulebook, name: &str) -> Result<CategoryId, Failure> {
    rulebook.find_labelled(name).ok_or_else(|| {
        let known: Vec<&str> = rulebook.categories().iter().map(|category| category.id.as_str()).collect();
        no_category(name, &known)
    })
}

/// There is no category with this id or name, but there are those with the ids `known`.
pub fn no_category(name: &str, known: &[&str]) -> Failure {
    Failure::Usage(
        format!("カテゴリ「{name}」はありません"),
        format!("次のどれかを指定してください: {}", known.join(" ")),
    )
}
