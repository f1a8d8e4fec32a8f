//! Names: which variants, parts and categories there are, and what a name in a condition stands for.

use super::{Compiler, Context, Definition, Meaning};
use crate::diagnostic::Kind;
use crate::matcher::program::Trace;
use crate::normalise::normalise;
use crate::rule::expr::Expr;
use crate::rule::source::{CategorySource, Located, RuleFile, nearest};
use crate::rule::{Category, CategoryId};

/// How many conditions a part may come to, those of other parts counted wherever it uses them: thirty parts that each
/// use the next one twice would come to a billion.
const MOST_IN_PART: usize = 10_000;

impl<'f> Compiler<'f> {
    /// Records the names a file defines.
    pub(super) fn define(&mut self, file: &'f RuleFile) {
        for variant in &file.variants {
            self.define_name(&variant.name, Meaning::Variant(&variant.forms));
            for form in variant.forms.iter().chain([&variant.name]) {
                let spelling = normalise(&form.text).text().to_owned();
                match self.spellings.insert(spelling, (variant.name.text.clone(), form)) {
                    Some((other, first)) if other != variant.name.text => {
                        let title = format!("表記「{}」は「{other}」にも入っています", form.text);
                        self.duplicate(form, title, first, "どちらか一方の表記ゆれにだけ入れてください");
                    }
                    _ => {}
                }
            }
        }
        for part in &file.parts {
            self.define_name(&part.name, Meaning::Part(&part.rule));
        }
        for category in &file.categories {
            self.define_category(category);
        }
    }

    fn duplicate(&mut self, at: &Located, title: String, first: &Located, mend: &str) {
        self.diagnostics
            .push(at.diagnostic(Kind::Duplicate, title).related(first.site(), "はじめの定義").mend(mend));
    }

    fn define_name(&mut self, name: &'f Located, meaning: Meaning<'f>) {
        match self.definitions.get(&name.text).map(|first| first.name) {
            Some(first) => {
                let title = format!("「{}」という表記ゆれか部品がもうあります", name.text);
                self.duplicate(name, title, first, "別の名前にするか、1 つにまとめてください");
            }
            None => {
                self.definitions.insert(name.text.clone(), Definition { name, meaning });
            }
        }
    }

    fn define_category(&mut self, category: &'f CategorySource) {
        let id = &category.id.text;
        let is_ascii = id.starts_with(|c: char| c.is_ascii_lowercase())
            && id.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
        if !is_ascii {
            self.diagnostics.push(
                category
                    .id
                    .diagnostic(Kind::BadId, format!("id「{id}」に使えない文字があります"))
                    .mend("半角の英小文字・数字・「-」だけで、英字から始めてください（例: face-auth）"),
            );
        }
        if let Some(first) = self.sources.iter().find(|known| known.id.text == *id) {
            let title = format!("id「{id}」のカテゴリがもうあります");
            self.duplicate(&category.id, title, &first.id, "別の id にしてください");
        }
        if let Some(first) = self.sources.iter().find(|known| known.name.text == category.name.text) {
            let title = format!("「{}」という名前のカテゴリがもうあります", category.name.text);
            self.duplicate(&category.name, title, &first.name, "別の名前にしてください");
        }
        let Ok(number) = u16::try_from(self.categories.len()) else { return };
        self.ids.entry(id.clone()).or_insert(CategoryId(number));
        self.sources.push(category);
        self.categories.push(Category {
            id: id.clone(),
            name: category.name.text.clone(),
            group: category.group.clone(),
            desc: category.desc.clone(),
        });
    }

    fn meaning(&self, name: &str) -> Option<Meaning<'f>> {
        self.definitions.get(name).map(|definition| definition.meaning)
    }

    /// Lowers a definition that no rule may use, so that its slips are reported all the same.
    pub(super) fn check_definition(&mut self, name: &str) {
        match self.meaning(name) {
            Some(Meaning::Part(_)) => {
                self.part(name, None);
            }
            Some(Meaning::Variant(forms)) => {
                for form in forms {
                    self.check_term(form, &(0..form.text.len()), &form.text);
                }
            }
            None => {}
        }
    }

    /// `{name}`, or a word that is a spelling of a variant.
    pub(super) fn name(&mut self, name: &str, expr: &Expr, context: &mut Context<'_>) -> Option<Trace> {
        match self.meaning(name) {
            Some(Meaning::Variant(forms)) => {
                let mut spellings: Vec<String> =
                    forms.iter().map(|form| normalise(&form.text).text().to_owned()).collect();
                let own = normalise(name).text().to_owned();
                if !spellings.contains(&own) {
                    spellings.push(own);
                }
                spellings.retain(|spelling| !spelling.is_empty());
                self.word(&spellings, name).map(|op| context.trace(expr, op, Vec::new()))
            }
            Some(Meaning::Part(_)) => {
                let part = self.part(name, Some((expr, &*context)))?;
                Some(context.trace(expr, part.op, vec![part]))
            }
            None => {
                let known: Vec<&str> = self.definitions.keys().map(String::as_str).collect();
                let mend = suggestion(name, &known, "[[variant]] か [[part]] で定義してください");
                if self.is_complete {
                    self.report(
                        Kind::UnknownName,
                        expr,
                        context,
                        format!("{{{name}}} という表記ゆれや部品はありません"),
                        &mend,
                    );
                }
                None
            }
        }
    }

    fn part(&mut self, name: &str, used: Option<(&Expr, &Context<'_>)>) -> Option<Trace> {
        if let Some(part) = self.parts.get(name) {
            return part.clone();
        }
        if self.under_way.iter().any(|open| open == name) {
            if let Some((expr, context)) = used {
                self.report(
                    Kind::Cycle,
                    expr,
                    context,
                    format!("部品「{name}」が自分自身を使っています"),
                    "どちらかの {…} を外してください",
                );
            }
            return None;
        }
        let Some(Meaning::Part(rule)) = self.meaning(name) else { return None };
        self.under_way.push(name.to_owned());
        let mut refers = Vec::new();
        let part = self.condition(rule, &mut refers);
        self.under_way.pop();
        if !refers.is_empty() {
            self.diagnostics.push(
                rule.diagnostic(Kind::Cycle, format!("部品「{name}」の中では <カテゴリ> を使えません"))
                    .mend("<…> はカテゴリの rule に直接書いてください"),
            );
        }
        let part = part.filter(|part| {
            let fits = part.size() <= MOST_IN_PART;
            if !fits {
                let title = format!("部品「{name}」は、使っている部品を開くと大きすぎます");
                let mend = "部品の中で別の部品を何度も使わず、条件を分けてください";
                self.diagnostics.push(rule.diagnostic(Kind::Syntax, title).mend(mend));
            }
            fits
        });
        self.parts.insert(name.to_owned(), part.clone());
        part
    }
}

/// A mend that names the known word that was probably meant.
pub(crate) fn suggestion(word: &str, known: &[&str], otherwise: &str) -> String {
    match nearest(word, known) {
        Some(nearest) => format!("「{nearest}」の書き間違いではありませんか"),
        None => otherwise.to_owned(),
    }
}
