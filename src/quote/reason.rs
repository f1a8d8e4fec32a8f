//! Says in Japanese why a quote was chosen, and why another was not.

use crate::quote::identify::Flag;
use crate::quote::reading::Certainty;
use crate::quote::select::{Entry, Field, State};
use crate::quote::{Answer, Quote};

/// Theme words named, at most.
const THEMES: usize = 3;

/// Concreteness from which it is mentioned: two of its three signs.
const CONCRETE: f64 = 0.6;

/// `412 件中の典型（主題語: 顔認証・エラー・失敗）、32 字、東京都・病院、ほかの引用と違う内容`.
pub(super) fn picked(field: &Field<'_>, at: usize, note: Option<&str>) -> String {
    let entry = &field.entries[at];
    // Claimed for the more typical half only.
    let is_typical = entry.score.centrality > 0.0 && entry.score.centrality >= field.standing.median;
    let mut reason = match field.added {
        1 => "この 1 件のみ".to_owned(),
        added => {
            let all = if added > field.kept {
                format!("{added} 件から抽出した {} 件", field.kept)
            } else {
                format!("{added} 件")
            };
            format!("{all}中の{}", if is_typical { "典型" } else { "一例" })
        }
    };
    let count = entry.group.map_or(1.0, |group| group.count as f64);
    let themes = field.standing.centrality.shared_words(&entry.vector, count);
    let themes: Vec<&str> = themes.into_iter().take(THEMES).map(|word| field.pool.words.word(word)).collect();
    if !themes.is_empty() {
        reason.push_str(&format!("（主題語: {}）", themes.join("・")));
    }
    if entry.score.concreteness >= CONCRETE {
        reason.push_str("、具体的");
    }
    describe(entry, &mut reason);
    if let Some(note) = note {
        reason.push_str(&format!("、{note}"));
    }
    reason
}

/// `選択ファイルで指定、32 字、東京都・病院`.
pub(super) fn pinned(field: &Field<'_>, at: usize) -> String {
    let mut reason = "選択ファイルで指定".to_owned();
    describe(&field.entries[at], &mut reason);
    reason
}

fn describe(entry: &Entry<'_>, reason: &mut String) {
    reason.push_str(&format!("、{} 字", entry.candidate.cut.form.chars));
    let values: Vec<&str> = entry.values.iter().flatten().map(String::as_str).collect();
    if !values.is_empty() {
        reason.push_str(&format!("、{}", values.join("・")));
    }
}

/// What became of the entries of the respondent `id`, who is asked about. `quotes` are those of this field.
pub(super) fn answers(field: &Field<'_>, id: &str, quotes: &[Quote]) -> Vec<Answer> {
    let mut answers = Vec::new();
    let mut is_known = false;
    for (at, entry) in field.entries.iter().enumerate() {
        let is_own = entry.candidate.comment.id() == id;
        let is_member = entry.group.is_some_and(|group| group.ids.iter().any(|member| **member == *id));
        if !is_own && !is_member {
            continue;
        }
        is_known = true;
        let text = if is_own {
            verdict(field, at, quotes)
        } else {
            let shown = entry.candidate.comment.id();
            format!(
                "{shown} と同じ趣旨なので、代表の {shown} にまとめました。{shown}: {}",
                verdict(field, at, quotes)
            )
        };
        let subgroup = field.subgroup().map(str::to_owned);
        answers.push(Answer { category: field.category(), subgroup, text });
    }
    if !is_known && field.pool.options.by.is_none() && field.pool.asked.contains(&field.category()) {
        let text = format!("{} 件から抽出した {} 件に入りませんでした", field.added, field.kept);
        answers.push(Answer { category: field.category(), subgroup: None, text });
    }
    answers
}

fn verdict(field: &Field<'_>, at: usize, quotes: &[Quote]) -> String {
    let entry = &field.entries[at];
    let rank = |at: usize| field.picked.iter().position(|&picked| picked == at).map_or(0, |at| at + 1);
    let id = |at: usize| field.entries[at].candidate.comment.id().into_owned();
    let score = entry.score;
    let parts = format!(
        "点数 {:.2}（典型 {:.2}・読みやすさ {:.2}・具体性 {:.2}・根拠 {:.2}）",
        entry.total, score.centrality, score.readability, score.concreteness, score.strength
    );
    match entry.state {
        State::Picked => {
            let rank = rank(at);
            let reason = quotes.get(rank - 1).map_or("", |quote| quote.reason.as_str());
            format!("{rank} 番目に引用しました。{reason}。{parts}")
        }
        State::Merged(with) => {
            format!("{} 番目の引用（{}）と同じ趣旨なので、まとめました", rank(with), id(with))
        }
        State::Alike(with) => {
            format!("{} 番目の引用（{}）と内容がほぼ同じなので外しました。{parts}", rank(with), id(with))
        }
        State::SameRespondent(with) => {
            format!("同じ回答者の回答を {} 番目に引用しているので外しました。{parts}", rank(with))
        }
        State::Banned => "選択ファイルで除外しています".to_owned(),
        State::Withheld => format!(
            "{}を含むので外しました（--mask か --allow-flagged で入ります）。{parts}",
            kinds(&entry.flags)
        ),
        State::Open if entry.lateness() > 0 => {
            format!("後回しにしたので、及びませんでした: {}。{parts}", setbacks(field, entry))
        }
        State::Open => {
            let mut against = Vec::new();
            let cost = entry.cost;
            if cost.similarity > 0.0 {
                against.push(format!("{} との類似 −{:.2}", id(cost.similar_to), cost.similarity));
            }
            if cost.repetition > 0.0 {
                against.push(format!("属性の重なり −{:.2}", cost.repetition));
            }
            let against = if against.is_empty() {
                String::new()
            } else {
                format!("、減点: {}", against.join("・"))
            };
            let worth = field.pool.options.weights.lambda * entry.total - cost.total();
            let limit = if field.threshold.is_finite() {
                format!("（引用した中の最低は {:.2}）", field.threshold)
            } else {
                String::new()
            };
            format!("及びませんでした: 評価 {worth:.2}{limit}。{parts}{against}")
        }
    }
}

/// What put an entry behind all others.
fn setbacks(field: &Field<'_>, entry: &Entry<'_>) -> String {
    let mut faults = Vec::new();
    if let Some(other) = entry.elsewhere {
        faults.push(format!("{}で引用しています", field.name(other)));
    }
    if !entry.flags.is_empty() {
        faults.push(format!("{}を含みます", kinds(&entry.flags)));
    }
    match entry.candidate.certainty {
        Certainty::Firm => {}
        Certainty::Hypothetical => faults.push("仮定や懸念の話です".to_owned()),
        Certainty::Denied => faults.push("打ち消された話です".to_owned()),
    }
    if entry.is_widened {
        faults.push("抜粋だけではカテゴリが決まりません".to_owned());
    }
    faults.join("、")
}

/// The kinds of details, each once.
pub(super) fn kinds(flags: &[Flag]) -> String {
    let mut labels: Vec<&str> = Vec::new();
    for label in flags.iter().map(|flag| flag.kind.label()) {
        if !labels.contains(&label) {
            labels.push(label);
        }
    }
    labels.join("・")
}
