//! Words that a search can hit: folded the same way for the rows and for the question.
//!
//! Invariant: case, accents and separators never decide whether a candidate is found.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use super::conversation::Candidate;

/// The most words of a question; more only narrow it further.
const QUESTION_WORDS: usize = 8;
/// The longest word, in characters; longer ones are cut on both sides alike.
const WORD: usize = 64;

/// Splits a text into folded words: compatibility forms, without marks, lower case.
pub fn fold(text: &str) -> Vec<String> {
    let folded: String =
        text.nfkd().filter(|c| !is_combining_mark(*c)).collect::<String>().to_lowercase();
    folded
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(|word| word.chars().take(WORD).collect())
        .collect()
}

/// The words under which a candidate is found: name, user name, digits of the number.
pub fn words_of(candidate: &Candidate) -> Vec<String> {
    let Candidate { phone, user_id: _, name, username } = candidate;
    let mut words = name.as_deref().map(fold).unwrap_or_default();
    words.extend(username.as_deref().map(fold).unwrap_or_default());
    words.extend(phone.as_ref().map(|phone| phone.digits().to_owned()));
    words.sort_unstable();
    words.dedup();
    words
}

/// The words of a question. A text of digits and separators is one number, whatever its spacing.
pub fn words_of_question(text: &str) -> Vec<String> {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let number = !digits.is_empty()
        && text
            .chars()
            .all(|c| c.is_ascii_digit() || matches!(c, '+' | ' ' | '-' | '.' | '(' | ')'));
    if number {
        return vec![digits];
    }
    let mut words = fold(text);
    words.truncate(QUESTION_WORDS);
    words
}

/// True when each word of the question begins one of the row's words.
pub fn matches(question: &[String], words: &[String]) -> bool {
    question.iter().all(|wanted| words.iter().any(|word| word.starts_with(wanted.as_str())))
}
