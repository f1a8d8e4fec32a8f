//! What a person decided beside a prediction: the rules' or a second person's.

use std::collections::{HashMap, hash_map::Entry};

use rayon::prelude::*;

use super::gold::{Coded, Gold, Labels};
use crate::classify::Tagging;
use crate::comment::{Comment, Schema};
use crate::error::{Error, Result};
use crate::explain::near_miss::{self, NearMiss};
use crate::matcher::Worker;
use crate::rule::{CategoryId, Rulebook};
use crate::tokenize::Tokenizer;

/// One comment with both opinions on it.
#[derive(Debug, Clone)]
pub struct Paired {
    /// The comment, with the row of the (first) gold file.
    pub comment: Comment,
    /// What the (first) person decided.
    pub gold: Labels,
    /// What the rules or the second person say.
    pub predicted: Labels,
    /// The evidence of the predicted categories; empty for a second person, who gives none.
    pub tagging: Tagging,
    /// For every category the rules missed, how close they came; empty for a second person.
    pub near_misses: Vec<(CategoryId, NearMiss)>,
}

/// Who made the prediction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Predictor {
    /// The rulebook.
    Rules,
    /// A second person.
    Coder,
}

/// All comments with both opinions, in the order of the (first) gold file.
#[derive(Debug, Clone)]
pub struct Pairs {
    /// The comments.
    pub pairs: Vec<Paired>,
    /// Whose prediction it is.
    pub predictor: Predictor,
    /// The column whose values were held out, see [`Pairs::hold_out`].
    pub held_out: Option<String>,
    /// Comments that only the first person coded; they are compared with nothing.
    pub only_first: usize,
    /// Comments that only the second person coded.
    pub only_second: usize,
}

impl Pairs {
    /// What the columns of the (first) gold file mean; `None` without comments.
    pub fn schema(&self) -> Option<&Schema> {
        self.pairs.first().map(|pair| pair.comment.schema())
    }

    /// The position of the column `name` in the rows' cells; `option` is what asked for it.
    ///
    /// # Errors
    /// When there is no such column; the message lists those there are.
    pub(crate) fn column(&self, option: &str, name: &str) -> Result<usize> {
        let headers = self.schema().map_or(&[][..], |schema| &schema.headers);
        headers.iter().position(|header| header == name).ok_or_else(|| Error::MissingColumn {
            input: option.to_owned(),
            wanted: name.to_owned(),
            headers: headers.to_vec(),
        })
    }

    /// Sets the rules' opinion beside that of `gold`, on `threads` threads (0: all). The number of threads does not
    /// change the result.
    ///
    /// # Errors
    /// When the threads can't be started.
    pub fn tag(gold: Gold, rulebook: &Rulebook, tokenizer: &Tokenizer, threads: usize) -> Result<Pairs> {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .map_err(|error| Error::Output { source: std::io::Error::other(error) })?;
        let pairs = pool.install(|| {
            let worker = || Worker::new(rulebook, tokenizer);
            gold.comments
                .into_par_iter()
                .map_init(worker, |worker, coded| tag(coded, worker, rulebook))
                .collect()
        });
        Ok(Pairs { pairs, predictor: Predictor::Rules, held_out: None, only_first: 0, only_second: 0 })
    }

    /// Sets the second person's opinion beside the first one's, by id and question.
    ///
    /// # Errors
    /// When a file has two comments of one id and question, when the same id and question have different texts (the
    /// files are not about the same answers), and when no comment is in both.
    pub fn join(first: Gold, second: Gold) -> Result<Pairs> {
        let mut others: HashMap<Key, (Coded, bool)> = HashMap::new();
        let second_name = second.name;
        for coded in second.comments {
            match others.entry(Key::of(&coded)) {
                Entry::Occupied(known) => return Err(repeated(&second_name, &coded, &known.get().0)),
                Entry::Vacant(free) => free.insert((coded, false)),
            };
        }
        let mut pairs = Vec::new();
        let mut only_first = 0;
        let mut rows: HashMap<Key, Coded> = HashMap::new();
        for coded in first.comments {
            let key = Key::of(&coded);
            if let Some(known) = rows.insert(key.clone(), coded.clone()) {
                return Err(repeated(&first.name, &coded, &known));
            }
            let Some((other, is_used)) = others.get_mut(&key) else {
                only_first += 1;
                continue;
            };
            if other.comment.text() != coded.comment.text() {
                return Err(different_texts(&second_name, other, &first.name, &coded));
            }
            *is_used = true;
            pairs.push(Paired {
                comment: coded.comment,
                gold: coded.labels,
                predicted: other.labels.clone(),
                tagging: Tagging::default(),
                near_misses: Vec::new(),
            });
        }
        let only_second = others.len() - pairs.len();
        if pairs.is_empty() {
            return Err(Error::Input {
                input: second_name,
                line: None,
                problem: format!("`{}` と共通の記述が 1 件もありません", first.name),
                hint: "番号と問が同じ行どうしを比べます。`--id` と `--question` の列と、2 つのファイルが同じ回答の表かどうかを確かめてください".to_owned(),
            });
        }
        Ok(Pairs { pairs, predictor: Predictor::Coder, held_out: None, only_first, only_second })
    }
}

fn tag(coded: Coded, worker: &mut Worker<'_>, rulebook: &Rulebook) -> Paired {
    let Coded { comment, labels: gold } = coded;
    let tagging = worker.tag(&comment);
    let predicted = Labels::from(&tagging);
    let missed = gold.iter().filter(|&category| !predicted.contains(category));
    let near_misses =
        missed.map(|category| (category, near_miss::find(category, &comment, worker, rulebook))).collect();
    Paired { comment, gold, predicted, tagging, near_misses }
}

/// What makes two rows of two files the same answer.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Key {
    id: String,
    question: String,
}

impl Key {
    fn of(coded: &Coded) -> Self {
        // The header of the answer's column is no question: two coders may have named theirs differently.
        let question = match coded.comment.schema().question {
            Some(_) => coded.comment.question().to_owned(),
            None => String::new(),
        };
        Key { id: coded.comment.id().into_owned(), question }
    }
}

fn place(coded: &Coded) -> String {
    let row = coded.comment.row();
    row.line().map_or_else(|| format!("{} 件目", row.number), |line| format!("{line} 行目"))
}

fn repeated(name: &str, coded: &Coded, known: &Coded) -> Error {
    Error::Input {
        input: name.to_owned(),
        line: coded.comment.row().line(),
        problem: format!("番号「{}」・問「{}」の記述が {} にもあります", coded.comment.id(), coded.comment.question(), place(known)),
        hint: "1 つの回答に 1 行だけにしてください。番号が別の列なら `--id`、問が別の列なら `--question` で指定してください".to_owned(),
    }
}

fn different_texts(name: &str, coded: &Coded, other_name: &str, other: &Coded) -> Error {
    Error::Input {
        input: name.to_owned(),
        line: coded.comment.row().line(),
        problem: format!(
            "番号「{}」・問「{}」の本文が `{other_name}` の {} と違います",
            coded.comment.id(),
            coded.comment.question(),
            place(other)
        ),
        hint: "2 つのファイルは同じ回答の表でなければなりません。番号の付け直しや本文の手直しがないか確かめてください".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::fixture::{category, rulebook};
    use crate::read::{Columns, Reader};

    fn gold(name: &str, table: &str) -> Gold {
        let input = std::io::Cursor::new(table.to_owned().into_bytes());
        let reader = Reader::from_reader(name, Box::new(input), &Columns::default()).unwrap();
        Gold::from_reader(reader, name, "labels", &rulebook()).unwrap()
    }

    fn join(first: &str, second: &str) -> Result<Pairs> {
        Pairs::join(gold("a.csv", first), gold("b.csv", second))
    }

    #[test]
    fn two_coders_are_joined_by_id_and_question_in_the_order_of_the_first() {
        let pairs = join(
            "id,問,text,labels\n1,問7,あ,face-auth\n1,問13,い,\n2,問7,う,\n",
            "labels,text,id,問\n,い,1,問13\ntime-lag,え,3,問7\nface-auth;time-lag,あ,1,問7\n",
        )
        .unwrap();
        let seen: Vec<_> =
            pairs.pairs.iter().map(|p| (p.comment.text(), p.gold.len(), p.predicted.len())).collect();
        assert_eq!(seen, [("あ", 1, 2), ("い", 0, 0)]);
        assert!(pairs.pairs[0].predicted.contains(category(2)));
        assert_eq!((pairs.only_first, pairs.only_second), (1, 1));
    }

    #[test]
    fn files_about_other_answers_are_refused() {
        let complaint = |first, second| join(first, second).unwrap_err().to_string();
        let table = "id,text,labels\n1,あ,\n2,い,\n";
        assert_eq!(
            complaint(table, "id,text,labels\n2,いい,\n"),
            "`b.csv` の 2 行目: 番号「2」・問「text」の本文が `a.csv` の 3 行目 と違います"
        );
        assert!(complaint(table, "id,text,labels\n7,あ,\n").contains("共通の記述が 1 件もありません"));
        assert!(complaint(table, "id,text,labels\n1,あ,\n1,あ,\n").contains("`b.csv` の 3 行目: 番号「1」"));
        assert!(complaint("id,text,labels\n1,あ,\n1,い,\n", table).contains("`a.csv` の 3 行目: 番号「1」"));
    }
}
