//! Which template: the purpose by the conversation's history, the language by what is approved, and
//! the variables by the template's own definition.
//!
//! Invariant: what is refused here would be refused by Meta; what passes is rendered exactly as the
//! candidate will see it.

use crate::domain::{
    content::{TemplateText, Variable},
    conversation::Conversation,
    refusal::Refusal,
    template::{Purpose, Template},
};

/// The longest value of one variable, in characters.
const VALUE: usize = 1024;

/// What a template is needed for: first contact while nothing was ever received and nothing sent was
/// accepted or may have been; otherwise opening the window again.
pub fn purpose(conversation: Option<&Conversation>) -> Purpose {
    match conversation {
        Some(row) if row.last_inbound_at.is_some() || row.contacted => Purpose::Reengage,
        Some(_) | None => Purpose::Initiate,
    }
}

/// What the caller said about the template.
#[derive(Debug, Clone, Default)]
pub struct Wish {
    /// Overrides the pick by name.
    pub name: Option<String>,
    /// The wanted language.
    pub language: Option<String>,
    /// The owner's usual language.
    pub usual_language: Option<String>,
}

/// Chooses a template of the client's.
///
/// # Errors
/// `TEMPLATE_NOT_FOUND` for a name that does not exist, `TEMPLATE_NOT_CONFIGURED` when no template has
/// the purpose or the language is open, `TEMPLATE_NOT_APPROVED` when Meta does not let it be sent.
pub fn choose<'a>(
    templates: impl Iterator<Item = &'a Template>,
    purpose: Purpose,
    wish: &Wish,
) -> Result<&'a Template, Refusal> {
    let mut named: Vec<&Template> = templates
        .filter(|row| match &wish.name {
            Some(name) => row.definition.name == *name,
            None => row.purpose == Some(purpose),
        })
        .collect();
    named.sort_by(|a, b| a.definition.language.cmp(&b.definition.language));
    if named.is_empty() {
        return Err(match &wish.name {
            Some(_) => Refusal::TemplateNotFound,
            None => Refusal::TemplateNotConfigured(format!(
                "No template has the purpose {}. Give one that purpose, or name a template.",
                word(purpose)
            )),
        });
    }
    if let Some(language) = wish.language.as_ref().or(wish.usual_language.as_ref()) {
        return in_language(&named, language);
    }
    let approved: Vec<&Template> = named.iter().copied().filter(|row| row.is_approved()).collect();
    match approved.as_slice() {
        [only] => Ok(only),
        [] => Err(not_approved(named[0])),
        several => Err(Refusal::TemplateNotConfigured(format!(
            "The template {} is approved in several languages ({}). Name one.",
            several[0].definition.name,
            languages(several)
        ))),
    }
}

fn in_language<'a>(named: &[&'a Template], language: &str) -> Result<&'a Template, Refusal> {
    let found = named.iter().find(|row| same_language(&row.definition.language, language));
    match found {
        Some(row) if row.is_approved() => Ok(row),
        Some(row) => Err(not_approved(row)),
        None => Err(Refusal::TemplateNotConfigured(format!(
            "The template {} does not exist in {language}; it does in {}.",
            named[0].definition.name,
            languages(named)
        ))),
    }
}

/// Meta writes `en_US` in one place and `en-US` in another.
fn same_language(a: &str, b: &str) -> bool {
    a.replace('-', "_").eq_ignore_ascii_case(&b.replace('-', "_"))
}

fn not_approved(row: &Template) -> Refusal {
    Refusal::TemplateNotApproved(format!(
        "The template {} ({}) is {} at Meta.",
        row.definition.name, row.definition.language, row.definition.status
    ))
}

fn languages(rows: &[&Template]) -> String {
    rows.iter().map(|row| row.definition.language.as_str()).collect::<Vec<_>>().join(", ")
}

const fn word(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::Initiate => "INITIATE",
        Purpose::Reengage => "REENGAGE",
    }
}

/// Fills a template's variables and renders its body.
///
/// `candidate_name` fills the only variable, or the one called `candidate_name`, when it is lacking.
///
/// # Errors
/// `TEMPLATE_PARAMETERS_INVALID` when one is lacking, unknown, given twice, empty, too long, or has
/// characters that Meta refuses.
pub fn fill(
    template: &Template,
    given: &[Variable],
    candidate_name: Option<&str>,
) -> Result<TemplateText, Refusal> {
    let definition = &template.definition;
    let wanted = &definition.parameters;
    let invalid = |text: String| Err(Refusal::TemplateParametersInvalid(text));
    for (index, variable) in given.iter().enumerate() {
        if !wanted.contains(&variable.name) {
            return invalid(format!(
                "The template {} has no variable {}.",
                definition.name, variable.name
            ));
        }
        if given[..index].iter().any(|earlier| earlier.name == variable.name) {
            return invalid(format!("The variable {} is given twice.", variable.name));
        }
    }
    let mut variables = Vec::with_capacity(wanted.len());
    for name in wanted {
        let given = given.iter().find(|variable| variable.name == *name);
        let by_name =
            (wanted.len() == 1 || name == "candidate_name").then_some(candidate_name).flatten();
        match given.map(|variable| variable.value.as_str()).or(by_name) {
            None => {
                return invalid(format!(
                    "The template {} needs the variable {name}.",
                    definition.name
                ));
            }
            Some(value) => match flaw(value) {
                Some(flaw) => return invalid(format!("The variable {name} {flaw}.")),
                None => variables.push(Variable { name: name.clone(), value: value.to_owned() }),
            },
        }
    }
    Ok(TemplateText {
        name: definition.name.clone(),
        language: definition.language.clone(),
        text: render(&definition.body, &variables),
        variables,
        named: definition.named,
    })
}

/// What Meta would refuse in a value.
fn flaw(value: &str) -> Option<&'static str> {
    if value.trim().is_empty() {
        Some("must not be empty")
    } else if value.chars().count() > VALUE {
        Some("must be at most 1024 characters")
    } else if value.chars().any(char::is_control) {
        Some("must not have line breaks, tabs or control characters")
    } else if value.contains("     ") {
        Some("must not have more than four spaces in a row")
    } else {
        None
    }
}

/// Puts values into `{{name}}` places; a value is never read as a place again.
fn render(body: &str, variables: &[Variable]) -> String {
    let mut out = String::with_capacity(body.len());
    let mut rest = body;
    while let Some(start) = rest.find("{{") {
        let (before, from) = rest.split_at(start);
        out.push_str(before);
        let Some(end) = from.find("}}") else {
            rest = from;
            break;
        };
        let name = from[2..end].trim();
        match variables.iter().find(|variable| variable.name == name) {
            Some(variable) => out.push_str(&variable.value),
            None => out.push_str(&from[..end + 2]),
        }
        rest = &from[end + 2..];
    }
    out.push_str(rest);
    out
}
