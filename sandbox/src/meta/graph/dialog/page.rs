//! The page itself: plain HTML with one form, which asks nobody for anything.

use std::fmt::Write as _;

use super::asked::Asked;
use crate::meta::World;

/// Accounts shown at most.
const MAX_SHOWN: usize = 200;

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:34rem;margin:3rem auto;\
padding:0 1rem}fieldset{border:1px solid #ccd0d5;border-radius:8px;margin:1rem 0}\
label{display:block;padding:.25rem 0}small{color:#65676b}\
button{font:inherit;padding:.5rem 1.25rem;border-radius:6px;border:1px solid #ccd0d5}\
button[value=allow]{background:#0866ff;color:#fff;border-color:#0866ff}";

/// The question.
pub(super) fn ask(world: &World, asked: &Asked) -> String {
    let mut form = String::from("<form method=\"post\">");
    for (name, value) in &asked.again {
        push(
            &mut form,
            format_args!(
                "<input type=\"hidden\" name=\"{}\" value=\"{}\">",
                text(name),
                text(value)
            ),
        );
    }
    form.push_str("<fieldset><legend>Accounts to share</legend>");
    form.push_str(&accounts(world));
    form.push_str("</fieldset><fieldset><legend>Leave out</legend>");
    for scope in &asked.scopes {
        push(
            &mut form,
            format_args!(
                "<label><input type=\"checkbox\" name=\"decline\" value=\"{0}\"> {0}</label>",
                text(scope)
            ),
        );
    }
    form.push_str(
        "</fieldset><button name=\"decision\" value=\"allow\">Continue</button> \
         <button name=\"decision\" value=\"deny\">Cancel</button></form>",
    );
    document("LinkoJob sandbox would like to manage your WhatsApp account", &form)
}

fn accounts(world: &World) -> String {
    let state = world.state();
    let mut list = String::new();
    for (n, waba) in state.wabas.values().take(MAX_SHOWN).enumerate() {
        let mut numbers: Vec<String> =
            state.numbers_of(&waba.waba_id).map(|number| number.display()).collect();
        if numbers.is_empty() {
            numbers.push(String::from("no number yet"));
        }
        push(
            &mut list,
            format_args!(
                "<label><input type=\"checkbox\" name=\"waba_id\" value=\"{}\"{}> {} <small>{}</small></label>",
                text(&waba.waba_id),
                if n == 0 { " checked" } else { "" },
                text(&waba.name),
                text(&numbers.join(", ")),
            ),
        );
    }
    list
}

/// Why the person is sent nowhere. The code is there for programs.
pub(super) fn blocked(code: u32, message: &str) -> String {
    let body = format!("<p id=\"error\" data-code=\"{code}\">{}</p>", text(message));
    document("This does not work", &body)
}

fn document(title: &str, body: &str) -> String {
    format!(
        "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title>\
         <style>{STYLE}</style></head><body><h1>{title}</h1>{body}</body></html>"
    )
}

fn push(page: &mut String, more: std::fmt::Arguments<'_>) {
    // Writing into a String cannot fail.
    let _ = page.write_fmt(more);
}

/// Text that HTML takes for nothing else.
fn text(plain: &str) -> String {
    let mut out = String::with_capacity(plain.len());
    for c in plain.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_write_is_text() {
        assert_eq!(
            text("<a href='x'>\"&\"</a>"),
            "&lt;a href=&#39;x&#39;&gt;&quot;&amp;&quot;&lt;/a&gt;"
        );
    }
}
