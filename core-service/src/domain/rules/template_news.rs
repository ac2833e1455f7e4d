//! What Meta says of a template by itself, between two reads of all of them.
//!
//! Invariant: the newest word holds, and what was read later holds against it. What only Meta knows (a
//! template that is new or different, which of two words is newer) is asked for, never guessed.

use std::cmp::Ordering;

use crate::domain::{
    account::{TemplateName, TemplateNews, TemplateStatus, TemplateWord},
    client::Client,
    event::News,
    ids::TemplateId,
    rules::{
        account::{SKEW, second, want_templates},
        templates::gone,
    },
    template::{Heard, Template, TemplateDefinition},
    time::Timestamp,
    working_set::WorkingSet,
};

/// Which of our templates is meant.
enum Meant {
    /// This one.
    Known(Box<Template>),
    /// One that had, or now has, the name of one that we know.
    Namesake,
    /// One that we do not know.
    Unknown,
}

/// When something was said, and whether nothing was read since.
#[derive(Clone, Copy)]
struct Moment {
    at: Timestamp,
    is_news: bool,
}

/// Takes in news of a template.
pub fn take_template_news(
    set: &mut WorkingSet,
    client: &Client,
    at: Timestamp,
    news: &TemplateNews,
) {
    let TemplateNews { template, word } = news;
    let at = at.min(set.now() + SKEW);
    let connected_at = client.connection.as_ref().and_then(|c| c.connected_at);
    let read = client.standing.templates_read_at.or(connected_at).unwrap_or_default();
    if at + SKEW < read {
        return;
    }
    let moment = Moment { at, is_news: second(at) >= second(read) };
    match (meant(set, template), word) {
        (Meant::Unknown, TemplateWord::Deleted) => {}
        (Meant::Known(row), TemplateWord::Deleted) if moment.is_news => gone(set, *row),
        (Meant::Known(row), TemplateWord::Status(status)) => {
            take_status(set, client, row.id, moment, status);
        }
        (Meant::Known(row), TemplateWord::Quality(quality)) => {
            take(set, client, row.id, moment, (Aspect::Quality, (Some(quality.clone()), None)));
        }
        (Meant::Known(row), TemplateWord::Category(category)) => {
            take(set, client, row.id, moment, (Aspect::Category, (Some(category.clone()), None)));
        }
        (Meant::Known(_) | Meant::Namesake, TemplateWord::Deleted)
        | (Meant::Known(_), TemplateWord::Changed)
        | (
            Meant::Namesake | Meant::Unknown,
            TemplateWord::Changed
            | TemplateWord::Status(_)
            | TemplateWord::Quality(_)
            | TemplateWord::Category(_),
        ) => want_templates(set, client.id),
    }
}

/// The template that is meant: by Meta's id, which a later one of the same name does not share.
fn meant(set: &WorkingSet, template: &TemplateName) -> Meant {
    let TemplateName { meta_id, name } = template;
    let by_id = |row: &&Template| Some(&row.definition.meta_id) == meta_id.as_ref();
    if let Some(row) = set.templates().find(by_id) {
        return Meant::Known(Box::new(row.clone()));
    }
    let by_name = |row: &&Template| {
        name.as_ref().is_some_and(|(name, language)| {
            *name == row.definition.name && same_language(language, &row.definition.language)
        })
    };
    match set.templates().find(by_name) {
        Some(row) if meta_id.is_none() => Meant::Known(Box::new(row.clone())),
        Some(_) => Meant::Namesake,
        None => Meant::Unknown,
    }
}

fn same_language(one: &str, other: &str) -> bool {
    one.replace('-', "_").eq_ignore_ascii_case(&other.replace('-', "_"))
}

fn take_status(
    set: &mut WorkingSet,
    client: &Client,
    id: TemplateId,
    moment: Moment,
    said: &TemplateStatus,
) {
    let TemplateStatus { status, rejected_reason, category, certain } = said;
    let value = (Some(status.clone()), rejected_reason.clone());
    take(set, client, id, moment, (Aspect::Status, value));
    if let Some(category) = category {
        take(set, client, id, moment, (Aspect::Category, (Some(category.clone()), None)));
    }
    if !certain {
        want_templates(set, client.id);
    }
}

/// What Meta speaks of by itself.
#[derive(Clone, Copy)]
enum Aspect {
    Status,
    Quality,
    Category,
}

/// What it is, and for a status why.
type Value = (Option<String>, Option<String>);

impl Aspect {
    const fn heard(self, heard: &mut Heard) -> &mut Option<Timestamp> {
        match self {
            Self::Status => &mut heard.status,
            Self::Quality => &mut heard.quality,
            Self::Category => &mut heard.category,
        }
    }

    fn value(self, of: &TemplateDefinition) -> Value {
        match self {
            Self::Status => (Some(of.status.clone()), of.rejected_reason.clone()),
            Self::Quality => (of.quality.clone(), None),
            Self::Category => (Some(of.category.clone()), None),
        }
    }

    fn put(self, (value, why): Value, of: &mut TemplateDefinition) {
        match self {
            Self::Status => {
                of.status = value.unwrap_or_default();
                of.rejected_reason = why;
            }
            Self::Quality => of.quality = value,
            Self::Category => of.category = value.unwrap_or_default(),
        }
    }
}

/// Of two statuses in one second, being approved is as a rule the second.
fn likelihood(value: &Value) -> (bool, &Value) {
    (value.0.as_deref() == Some("APPROVED"), value)
}

/// Takes in one value, unless something newer is known.
fn take(
    set: &mut WorkingSet,
    client: &Client,
    id: TemplateId,
    moment: Moment,
    (aspect, value): (Aspect, Value),
) {
    let Moment { at, is_news } = moment;
    let Some(mut row) = set.templates().find(|row| row.id == id).cloned() else { return };
    let known = aspect.value(&row.definition);
    if !is_news {
        if known != value {
            want_templates(set, client.id);
        }
        return;
    }
    match (*aspect.heard(&mut row.heard)).cmp(&Some(at)) {
        Ordering::Greater => return,
        Ordering::Equal if known == value => return,
        // Nobody knows which of the two came first: any, but always the same one, until Meta is asked.
        Ordering::Equal => {
            want_templates(set, client.id);
            if likelihood(&value) < likelihood(&known) {
                return;
            }
        }
        Ordering::Less => {}
    }
    let (news, now) = (known != value, set.now());
    let changed = set.change_template(id, |row| {
        *aspect.heard(&mut row.heard) = Some(at);
        if news {
            aspect.put(value, &mut row.definition);
            row.updated_at = now;
        }
    });
    if let Some(template) = changed.filter(|_| news) {
        set.tell(News::TemplateUpdated { template });
    }
}

/// What was read of a template, but for what Meta said of it after the read was asked for.
pub(super) fn read_over(
    row: &Template,
    read: &TemplateDefinition,
    asked: Timestamp,
) -> TemplateDefinition {
    let (mut heard, mut definition) = (row.heard, read.clone());
    if row.definition.meta_id != read.meta_id {
        // Another one, of the same name.
        return definition;
    }
    for aspect in [Aspect::Status, Aspect::Quality, Aspect::Category] {
        if aspect.heard(&mut heard).is_some_and(|at| second(at) >= second(asked)) {
            aspect.put(aspect.value(&row.definition), &mut definition);
        }
    }
    definition
}
