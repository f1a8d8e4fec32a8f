//! Answers held in memory, analysed once, to be tagged by one rulebook after the other.
//!
//! For comparing rulebooks and for watching one being edited: of a second run only the matching is left. Inputs of any
//! length go through [`crate::pipeline`] instead, which keeps nothing.

use std::sync::Arc;

use rayon::prelude::*;

use crate::classify::Tagging;
use crate::comment::{Comment, Status};
use crate::error::Result;
use crate::matcher::{Analysed, Analyser, Worker};
use crate::read::{Reader, comments_of};
use crate::rule::Rulebook;
use crate::tokenize::Tokenizer;

/// All comments of some inputs, in input order.
#[derive(Debug)]
pub struct Corpus {
    /// The comments; empty and 特になし answers are among them.
    pub comments: Vec<Comment>,
    /// The inputs' names, each with the number of comments it gave.
    pub inputs: Vec<(String, usize)>,
}

impl Corpus {
    /// Reads open inputs, each with its name, to their ends.
    ///
    /// # Errors
    /// As [`Reader::next_row`].
    pub fn read<'r>(inputs: impl IntoIterator<Item = (String, &'r mut Reader)>) -> Result<Corpus> {
        let mut corpus = Corpus { comments: Vec::new(), inputs: Vec::new() };
        for (name, reader) in inputs {
            let schema = Arc::clone(reader.schema());
            let before = corpus.comments.len();
            while let Some(row) = reader.next_row()? {
                corpus.comments.extend(comments_of(&schema, row));
            }
            corpus.inputs.push((name, corpus.comments.len() - before));
        }
        Ok(corpus)
    }

    /// Analyses all comments on rayon's threads, in as many shares as there are threads.
    pub fn analyse(self, tokenizer: &Tokenizer) -> AnalysedCorpus {
        let size = self.comments.len().div_ceil(rayon::current_num_threads()).max(1);
        let chunks: Vec<&[Comment]> = self.comments.chunks(size).collect();
        let shares =
            chunks.into_par_iter().flat_map_iter(|comments| Share::analyse(comments, tokenizer)).collect();
        AnalysedCorpus { corpus: self, shares }
    }
}

/// A corpus with the analysis of every comment.
pub struct AnalysedCorpus {
    corpus: Corpus,
    shares: Vec<Share>,
}

/// Neighbouring comments, analysed by one analyser, which alone knows what their words are.
struct Share {
    /// `None` only while a worker has it.
    analyser: Option<Analyser>,
    analysed: Vec<Analysed>,
}

impl Share {
    /// The shares of `comments`: one, unless they have more words than a lexicon holds.
    fn analyse(comments: &[Comment], tokenizer: &Tokenizer) -> Vec<Share> {
        let empty = || Share { analyser: None, analysed: Vec::new() };
        let (mut full, mut share, mut analyser) = (Vec::new(), empty(), Analyser::new(tokenizer));
        for comment in comments {
            if analyser.is_full() {
                share.analyser = Some(std::mem::replace(&mut analyser, Analyser::new(tokenizer)));
                full.push(std::mem::replace(&mut share, empty()));
            }
            let mut analysed = Analysed::default();
            if comment.status() == Status::Answered {
                analyser.analyse(comment.text());
                analyser.swap(&mut analysed);
            }
            share.analysed.push(analysed);
        }
        share.analyser = Some(analyser);
        full.push(share);
        full
    }
}

impl AnalysedCorpus {
    /// The corpus as read.
    pub fn corpus(&self) -> &Corpus {
        &self.corpus
    }

    /// The corpus without its analysis, to be analysed with another tokenizer.
    pub fn into_corpus(self) -> Corpus {
        self.corpus
    }

    /// The comments, in input order.
    pub fn comments(&self) -> &[Comment] {
        &self.corpus.comments
    }

    /// What `rulebook` says about each comment, in order. It must be compiled with the tokenizer of the analysis.
    pub fn tag(&mut self, rulebook: &Rulebook) -> Vec<Tagging> {
        let mut rest = &self.corpus.comments[..];
        let mut work = Vec::new();
        for share in &mut self.shares {
            let (comments, others) = rest.split_at(share.analysed.len());
            rest = others;
            work.push((share, comments));
        }
        work.into_par_iter()
            .flat_map_iter(|(share, comments)| {
                let analyser = share.analyser.take().expect("given back below");
                let mut worker = Worker::with_analyser(rulebook, analyser);
                let tag = |(comment, kept): (&Comment, &mut Analysed)| worker.tag_kept(comment, kept);
                let taggings: Vec<Tagging> = comments.iter().zip(&mut share.analysed).map(tag).collect();
                share.analyser = Some(worker.into_analyser());
                taggings
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::SourceFile;
    use crate::rule::compile;

    #[test]
    fn kept_texts_are_tagged_as_fresh_ones_by_every_rulebook() {
        let tokenizer = Tokenizer::embedded().unwrap();
        let rulebook = |rule: &str| {
            let text = format!("[[category]]\nid = 'a'\nname = 'あ'\nrule = '''{rule}'''\n");
            compile(&[Arc::new(SourceFile { name: "r.toml".into(), text })], &tokenizer).rulebook.unwrap()
        };
        let texts = ["顔認証ができない", "", "特になし", "受付が混む", "顔認証はできた", "\u{200b}"];
        let comments: Vec<Comment> = (0..40).map(|at| Comment::from_text(texts[at % texts.len()])).collect();
        let mut corpus = Corpus { comments: comments.clone(), inputs: Vec::new() }.analyse(&tokenizer);
        for rule in ["否定(できる)", "顔認証 | 混む", "顔認証 かつ でない 受付"] {
            let rulebook = rulebook(rule);
            let mut worker = Worker::new(&rulebook, &tokenizer);
            let fresh: Vec<Tagging> = comments.iter().map(|comment| worker.tag(comment)).collect();
            assert!(fresh.iter().any(|tagging| !tagging.is_empty()));
            assert_eq!(corpus.tag(&rulebook), fresh, "{rule}");
        }
    }
}
