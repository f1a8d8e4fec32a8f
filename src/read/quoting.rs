//! Quotes that close a cell although something follows, as in `"エラー"と出た`: the csv crate drops them without a word.

use std::collections::VecDeque;

/// Follows the quotes of a text as it is played, the way the csv crate does.
#[derive(Debug)]
pub(super) struct Quotes {
    delimiter: u8,
    state: State,
    /// The byte before the next one.
    previous: u8,
    /// Bytes looked at so far.
    seen: u64,
    /// Where something follows a closing quote, counted in bytes.
    strays: VecDeque<u64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Outside quotes.
    Bare,
    /// In a cell that began with a quote.
    Quoted,
    /// After a quote in such a cell, which closes it unless another one follows; `true` after blanks.
    Closed(bool),
}

impl Quotes {
    pub(super) fn new(delimiter: u8) -> Quotes {
        // A text begins with a cell.
        Quotes { delimiter, state: State::Bare, previous: b'\n', seen: 0, strays: VecDeque::new() }
    }

    /// Goes on through `bytes`.
    pub(super) fn look(&mut self, bytes: &[u8]) {
        let mut at = 0;
        while at < bytes.len() {
            let byte = bytes[at];
            self.state = match self.state {
                State::Bare | State::Quoted => {
                    // Most texts have hardly a quote.
                    let Some(step) = memchr::memchr(b'"', &bytes[at..]) else { break };
                    at += step;
                    let before = if at == 0 { self.previous } else { bytes[at - 1] };
                    match self.state {
                        State::Quoted => State::Closed(false),
                        _ if self.ends_cell(before) => State::Quoted,
                        _ => State::Bare,
                    }
                }
                State::Closed(false) if byte == b'"' => State::Quoted,
                State::Closed(_) if self.ends_cell(byte) => State::Bare,
                State::Closed(_) if byte == b' ' => State::Closed(true),
                State::Closed(_) => {
                    self.strays.push_back(self.seen + at as u64);
                    State::Bare
                }
            };
            at += 1;
        }
        self.seen += bytes.len() as u64;
        self.previous = bytes.last().copied().unwrap_or(self.previous);
    }

    /// Whether there was such a quote before `offset`; it is forgotten.
    pub(super) fn take_stray(&mut self, offset: u64) -> bool {
        let before = self.strays.partition_point(|&stray| stray < offset);
        self.strays.drain(..before).next().is_some()
    }

    fn ends_cell(&self, byte: u8) -> bool {
        byte == self.delimiter || byte == b'\n' || byte == b'\r'
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_quotes_with_something_behind_them_are_strays() {
        for (text, strays) in [
            ("a,\"b\"\n\"c\"\r\n", &[][..]),
            ("a,b\"c\"d,\"\"\"e\"\"\"\n", &[]),
            ("\"a\"  ,\"b\nc,\"\n", &[]),
            ("a,\"b", &[]),
            ("\"a\"b\"\n\"c\"", &[3]),
            ("1,\"\",\"a\"\"b\"c\n2,\"x\" y\n", &[11, 19]),
            ("\"a\"\t\"b\"\n", &[3]),
        ] {
            // However it comes in.
            for size in [1, 2, 3, 100] {
                let mut quotes = Quotes::new(b',');
                text.as_bytes().chunks(size).for_each(|chunk| quotes.look(chunk));
                assert_eq!(quotes.strays, strays, "{text:?} by {size}");
            }
        }
        let mut quotes = Quotes::new(b',');
        quotes.look(b"\"a\"b\n\"a\"b\n");
        assert!(!quotes.take_stray(3));
        assert!(quotes.take_stray(5));
        assert!(!quotes.take_stray(8));
        assert!(quotes.take_stray(10));
    }
}
