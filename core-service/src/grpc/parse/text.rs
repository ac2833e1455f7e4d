//! The shapes of texts. Every reader says in words what would be right.

use crate::domain::refusal::Refusal;

/// The longest text of a message, in characters.
const MESSAGE: usize = 4096;
/// The longest label or name, in characters.
const NAME: usize = 200;
/// The longest idempotency key.
const KEY: usize = 255;
/// The longest search, in characters.
const SEARCH: usize = 128;
/// The longest value of a template's variable that is looked at, in characters; Meta's own, lower
/// limit is the template's business.
const VALUE: usize = 4096;
/// The longest word of Meta's, such as a template's status.
const WORD: usize = 64;
/// The longest mark of a sender of signals.
const ORIGIN: usize = 128;

type Read<T = String> = Result<T, &'static str>;

/// The text of a message.
pub(super) fn message(text: String) -> Read {
    if text.contains('\0') {
        Err("must not have NUL characters")
    } else if text.trim().is_empty() || text.chars().count() > MESSAGE {
        Err("must be 1 to 4096 characters, and not only white space")
    } else {
        Ok(text)
    }
}

/// A label; may be empty.
pub(super) fn label(text: String) -> Read {
    line(text, 0, NAME, "must be at most 200 characters on one line")
}

/// A person's name.
pub(super) fn name(text: String) -> Read {
    if text.trim().is_empty() {
        return Err("must not be empty");
    }
    line(text, 1, NAME, "must be 1 to 200 characters on one line")
}

/// The name of a template's variable. Whether the template has it is the template's business.
pub(super) fn variable_name(text: String) -> Read {
    line(text, 1, NAME, "must be 1 to 200 characters on one line")
}

/// The value of a template's variable, as far as it can be judged without the template.
pub(super) fn variable_value(text: String) -> Read {
    if text.contains('\0') || text.chars().count() > VALUE {
        Err("must be at most 4096 characters, without NUL")
    } else {
        Ok(text)
    }
}

/// An idempotency key.
pub(super) fn key(text: String) -> Read {
    let shaped =
        (1..=KEY).contains(&text.len()) && text.bytes().all(|b| (b' '..=b'~').contains(&b));
    if shaped { Ok(text) } else { Err("must be 1 to 255 visible ASCII characters") }
}

/// Words to search for; may be empty.
pub(super) fn search(text: String) -> Read {
    line(text, 0, SEARCH, "must be at most 128 characters on one line")
}

/// A template's language: `[A-Za-z]{2,3}([_-][A-Za-z0-9]{2,8})*`, such as `en` or `en_US`.
pub(super) fn language(text: String) -> Read {
    let mut parts = text.split(['_', '-']);
    let first = parts.next().unwrap_or_default();
    let first_fits =
        (2..=3).contains(&first.len()) && first.bytes().all(|b| b.is_ascii_alphabetic());
    let rest_fits = parts.all(|part| {
        (2..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric())
    });
    if text.len() <= WORD && first_fits && rest_fits {
        Ok(text)
    } else {
        Err("must be a language such as en or en_US")
    }
}

/// A template's name.
pub(super) fn template_name(text: String) -> Read {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
    if (1..=512).contains(&text.len()) && text.bytes().all(plain) {
        Ok(text)
    } else {
        Err("must be 1 to 512 characters of a-z 0-9 _")
    }
}

/// One of Meta's words.
pub(super) fn word(text: String) -> Read {
    let plain = |b: u8| b.is_ascii_uppercase() || b == b'_';
    if (1..=WORD).contains(&text.len()) && text.bytes().all(plain) {
        Ok(text)
    } else {
        Err("must be one of Meta's words, such as APPROVED")
    }
}

/// The mark by which a sender of signals knows its own.
pub(in crate::grpc) fn origin(text: String) -> Result<String, Refusal> {
    line(text, 0, ORIGIN, "must be at most 128 characters on one line")
        .map_err(|message| Refusal::field("origin", message))
}

fn line(text: String, least: usize, most: usize, message: &'static str) -> Read {
    let length = text.chars().count();
    if (least..=most).contains(&length) && !text.chars().any(char::is_control) {
        Ok(text)
    } else {
        Err(message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Reader = fn(String) -> Read;

    #[test]
    fn shapes() {
        let table: [(&str, Reader, &[&str], &[&str]); 8] = [
            (
                "message",
                message,
                &["a", " é\n", &"é".repeat(4096)],
                &["", " \n", "a\0", &"é".repeat(4097)],
            ),
            ("label", label, &["", "Berlin", &"é".repeat(200)], &["a\nb", "\0", &"é".repeat(201)]),
            ("name", name, &["Ana"], &["", "  ", "A\u{7}", &"a".repeat(201)]),
            ("key", key, &["k", "a b", &"k".repeat(255)], &["", "é", "a\tb", &"k".repeat(256)]),
            ("search", search, &["", "an a"], &["\0", &"a".repeat(129)]),
            (
                "language",
                language,
                &["en", "en_US", "fil", "zh-Hant-TW", "es_419"],
                &["", "e", "engl", "en_", "en_U", "_US", "en US", "én", "en__US", "en_ABCDEFGHI"],
            ),
            (
                "template name",
                template_name,
                &["a", "order_2"],
                &["", "A", "a-b", "a b", &"a".repeat(513)],
            ),
            ("word", word, &["APPROVED", "IN_APPEAL"], &["", "approved", "A B", &"A".repeat(65)]),
        ];
        for (what, read, good, wrong) in table {
            for text in good {
                assert!(read((*text).to_owned()).is_ok(), "{what}: {text:?}");
            }
            for text in wrong {
                assert!(read((*text).to_owned()).is_err(), "{what}: {text:?}");
            }
        }
    }
}
