//! The pieces of the program: atoms with their spellings and base forms, operations, regular expressions. Equal ones are
//! made once.

use std::rc::Rc;

use rayon::prelude::*;
use regex::{Regex, RegexBuilder};
use regex_syntax::hir::literal::Extractor;
use regex_syntax::hir::{Hir, HirKind};
use rustc_hash::FxHashMap;

use super::{Compiler, Context};
use crate::diagnostic::{Diagnostic, Kind};
use crate::matcher::program::{AtomId, AtomSet, Op, OpId, Pattern, RegexId};
use crate::rule::expr::Expr;
use crate::token::{Class, Lexeme, Token};

impl<'f> Compiler<'f> {
    /// A word in any of its spellings: found as it is written, by its base form, or, if it is several tokens of which
    /// the last inflects, in any form of that one.
    pub(super) fn word(&mut self, spellings: &[String], name: &str) -> Option<OpId> {
        if spellings.is_empty() {
            return None;
        }
        if let Some(&op) = self.words.get(name) {
            return Some(op);
        }
        let (atom, _) = self.atom(format!("語{name}"));
        let mut alternatives = vec![OpId::of_atom(atom)];
        for spelling in spellings {
            self.pattern(spelling.clone(), atom, true);
            add(&mut self.lemmas, spelling, atom);
            // A noun whose dictionary entry counts as another word (オン資) finds that word in all spellings.
            if let [only] = &*self.segment(spelling) {
                let lexeme = self.lexeme(*only);
                if lexeme.class == Class::Noun && *lexeme.base != **spelling {
                    let base = lexeme.base.clone();
                    add(&mut self.lemmas, &base, atom);
                }
            }
            if let Some(row) = self.inflected_row(spelling) {
                alternatives.push(row);
            }
        }
        alternatives.dedup();
        let op = self.any(&alternatives);
        self.words.insert(name.to_owned(), op);
        Some(op)
    }

    /// For a term of several tokens that ends in a verb, an adjective or an auxiliary: its beginning as written,
    /// followed by any form of its end (読み取れない finds 読み取れなかった). Base forms of the beginning would confuse
    /// いらない with いない, which share theirs.
    pub(super) fn inflected_row(&mut self, spelling: &str) -> Option<OpId> {
        let tokens = self.segment(spelling);
        let last = tokens.last().filter(|_| tokens.len() > 1)?;
        let lexeme = self.lexeme(*last);
        if !lexeme.is_inflected() {
            return None;
        }
        let base = lexeme.base.clone();
        let (beginning, end) = (&spelling[..last.span.start()], &base);
        let (first, is_new) = self.atom(format!("頭{beginning}"));
        if is_new {
            self.pattern(beginning.to_owned(), first, true);
        }
        let (second, _) = self.atom(format!("形{end}"));
        add(&mut self.lemmas, end, second);
        let row = [first, second].map(OpId::of_atom);
        Some(self.op(Op::Adjacent(row.into())))
    }

    pub(super) fn segment(&mut self, normalised: &str) -> Rc<[Token]> {
        if let Some(tokens) = self.segmented.get(normalised) {
            return Rc::clone(tokens);
        }
        let mut tokens = Vec::new();
        self.tokenizer.tokenize(normalised, &mut tokens);
        let tokens: Rc<[Token]> = tokens.into();
        self.segmented.insert(normalised.to_owned(), Rc::clone(&tokens));
        tokens
    }

    pub(super) fn lexeme(&self, token: Token) -> &Lexeme {
        &self.tokenizer.lexicon()[token.lexeme]
    }

    /// The atom called `key`, and whether it is new.
    pub(super) fn atom(&mut self, key: String) -> (AtomId, bool) {
        let next = AtomId(u32::try_from(self.atoms.len()).expect("atoms are fewer than bytes"));
        let atom = *self.atoms.entry(key).or_insert(next);
        (atom, atom == next)
    }

    /// The atom of a text that may stand anywhere.
    pub(super) fn literal(&mut self, text: String) -> AtomId {
        let (atom, is_new) = self.atom(format!("「{text}"));
        if is_new {
            self.pattern(text, atom, false);
        }
        atom
    }

    pub(super) fn pattern(&mut self, spelling: String, atom: AtomId, bounded: bool) {
        if bounded {
            add(&mut self.surfaces, &spelling, atom);
        }
        let next = self.patterns.len();
        let at = *self.pattern_ids.entry(spelling.clone()).or_insert(next);
        if at == next {
            self.patterns.push((spelling, Vec::new()));
        }
        self.patterns[at].1.push(Pattern { atom, bounded });
    }

    /// Any of `operands`; short lists among them are taken apart.
    pub(super) fn any(&mut self, operands: &[OpId]) -> OpId {
        if let [only] = operands {
            return *only;
        }
        let (mut atoms, mut others) = (Vec::new(), Vec::new());
        for &operand in operands {
            if let Ok(atom) = operand.atom() {
                atoms.push(atom);
                continue;
            }
            match self.op_at(operand) {
                // A longer list of conditions is shared, so that it is evaluated once.
                Some(Op::Or(inner, rest)) if rest.len() <= 1 => {
                    atoms.extend(inner.iter());
                    others.extend_from_slice(rest);
                }
                _ => others.push(operand),
            }
        }
        self.op(Op::Or(AtomSet::new(atoms), others.into()))
    }

    pub(super) fn op(&mut self, op: Op) -> OpId {
        if let Op::And(operands) = &op
            && operands.len() == 1
        {
            return operands[0];
        }
        let next = OpId::of_op(self.ops.len());
        let id = *self.op_ids.entry(op.clone()).or_insert(next);
        if id == next {
            self.ops.push(op);
        }
        id
    }

    /// What `op` does, unless it is an atom.
    pub(super) fn op_at(&self, op: OpId) -> Option<&Op> {
        op.atom().err().map(|at| &self.ops[at])
    }

    /// The regular expression `pattern`, to be built when all are known.
    pub(super) fn regex(&mut self, pattern: &str, expr: &Expr, context: &Context<'_>) -> RegexId {
        let next = RegexId(u32::try_from(self.regexes.len()).expect("patterns are fewer than bytes"));
        let id = *self.regex_ids.entry(pattern.to_owned()).or_insert(next);
        if id == next {
            self.regexes.push(pattern.to_owned());
        }
        self.regex_sites.push((id, context.site(expr)));
        id
    }

    /// Builds the regular expressions; each place of one that can't be built is reported.
    pub(super) fn build_regexes(&mut self) -> Vec<Regex> {
        /// Enough for any hand-written pattern; keeps a slip such as .{1000}{1000} from taking the memory.
        const SIZE_LIMIT: usize = 1 << 20;
        let build = |pattern: &String| RegexBuilder::new(pattern).size_limit(SIZE_LIMIT).build();
        let built: Vec<_> = self.regexes.par_iter().map(build).collect();
        for (id, site) in &self.regex_sites {
            let Err(error) = &built[id.0 as usize] else { continue };
            let (what, mend) = match error {
                regex::Error::CompiledTooBig(_) => ("大きすぎます", "{ } の中の回数を減らしてください"),
                _ => ("読めません", "( ) [ ] { } の組、* + ? の前の文字、\\ の後の文字を確かめてください"),
            };
            let title = format!("正規表現 /{}/ が{what}", self.regexes[id.0 as usize]);
            self.diagnostics
                .push(Diagnostic::new(Kind::BadRegex, &site.file, site.range.clone(), title).mend(mend));
        }
        built.into_iter().flatten().collect()
    }

    /// Makes atoms of literals of which every match of a regular expression has one, so that the expression is only run
    /// over texts where one of them occurs (2 % of a run with seven expressions).
    pub(super) fn find_needles(&mut self, regex: RegexId, pattern: &str) {
        if self.needles.contains_key(&regex) {
            return;
        }
        let Ok(hir) = regex_syntax::parse(pattern) else { return };
        let parts = match hir.kind() {
            HirKind::Concat(parts) => &parts[..],
            _ => std::slice::from_ref(&hir),
        };
        // What a part of a sequence and all after it begin with, stands in every match.
        let rests = (0..parts.len()).map(|at| Hir::concat(parts[at..].to_vec()));
        let found = rests.filter_map(|rest| {
            let literals = Extractor::new().extract(&rest);
            let texts =
                literals.literals()?.iter().map(|literal| std::str::from_utf8(literal.as_bytes()).ok());
            texts
                .map(|text| text.filter(|text| !text.is_empty()).map(str::to_owned))
                .collect::<Option<Vec<String>>>()
        });
        // The longer its shortest literal, the rarer they are.
        let best = found.max_by_key(|texts| texts.iter().map(String::len).min());
        if let Some(texts) = best {
            let mut atoms: Vec<AtomId> = texts.into_iter().map(|text| self.literal(text)).collect();
            atoms.sort_unstable();
            atoms.dedup();
            self.needles.insert(regex, atoms);
        }
    }
}

/// Adds `atom` to the list at `key`, once.
pub(super) fn add(lists: &mut FxHashMap<Box<str>, Vec<AtomId>>, key: &str, atom: AtomId) {
    let atoms = lists.entry(key.into()).or_default();
    if !atoms.contains(&atom) {
        atoms.push(atom);
    }
}
