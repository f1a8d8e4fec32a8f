//! What most commands begin with: the tokenizer and the rulebook that the options ask for.

use jirei::rule::{self, CategoryId, Compiled, Rulebook};
use jirei::tokenize::{Source, Tokenizer};
use jirei::user_words;

use crate::args::{DictionaryArgs, RuleArgs};
use crate::exit::Failure;
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
    let sources = match &args.rules {
        Some(path) => rule::source::load(path)?,
        None => rule::shipped::sources(),
    };
    Ok(rule::compile(&sources, tokenizer))
}

/// The rulebook asked for. Errors in it are shown; warnings are `jirei check`'s business.
pub fn rulebook(args: &RuleArgs, tokenizer: &Tokenizer, output: &Output) -> Result<Rulebook, Failure> {
    let compiled = compile(args, tokenizer)?;
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

/// The category with this id or name.
pub fn category(rulebook: &Rulebook, name: &str) -> Result<CategoryId, Failure> {
    let by_name = || rulebook.category_ids().find(|&id| rulebook.category(id).name == name);
    rulebook.find(name).or_else(by_name).ok_or_else(|| {
        let known: Vec<&str> = rulebook.categories().iter().map(|category| category.id.as_str()).collect();
        Failure::Usage(
            format!("カテゴリ「{name}」はありません"),
            format!("次のどれかを指定してください: {}", known.join(" ")),
        )
    })
}
