//! The places in a template's text that are filled in when it is sent: `{{1}}` or `{{name}}`.

/// The names of the places, each once, in the order of the text.
pub(super) fn of(text: &str) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let mut rest = text;
    while let Some((_, opened)) = rest.split_once("{{") {
        // `{{{1}}` is a brace and then a place: the innermost pair counts.
        let opened = opened.trim_start_matches('{');
        let Some((name, after)) = opened.split_once("}}") else { break };
        let name = name.trim();
        if is_name(name) {
            if !names.iter().any(|known| known == name) {
                names.push(name.to_owned());
            }
            rest = after;
        } else {
            // No place; another may begin within it.
            rest = opened;
        }
    }
    names
}

/// True for the name of a numbered place.
pub(super) fn is_number(name: &str) -> bool {
    name.bytes().all(|byte| byte.is_ascii_digit())
}

/// Numbered places in the order of their numbers, which is the order in which they are sent.
pub(super) fn by_number(mut names: Vec<String>) -> Vec<String> {
    names.sort_by_key(|name| name.parse::<u32>().unwrap_or(u32::MAX));
    names
}

fn is_name(name: &str) -> bool {
    let fits = (1..=64).contains(&name.len());
    fits && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn places_are_found_once_and_in_order() {
        let cases: [(&str, &[&str]); 8] = [
            ("", &[]),
            ("Hi {{1}}", &["1"]),
            ("{{b}} {{ a }} {{b}}", &["b", "a"]),
            ("{{{1}}}", &["1"]),
            ("{{no place}} {{x}}", &["x"]),
            ("{{open {{2}}", &["2"]),
            ("{{}} {{1", &[]),
            ("é{{1}}é", &["1"]),
        ];
        for (text, names) in cases {
            assert_eq!(of(text), names, "{text}");
        }
    }

    #[test]
    fn numbers_order_as_numbers() {
        let names = ["10", "2", "1"].map(str::to_owned).to_vec();
        assert_eq!(by_number(names), ["1", "2", "10"]);
    }

    proptest! {
        #[test]
        fn any_text_is_searched_to_its_end(text in "[{}a1 é]{0,64}") {
            for name in of(&text) {
                prop_assert!(is_name(&name));
            }
        }
    }
}
