//! Keeping our templates what Meta's are, and their purposes unique.
//!
//! Invariant: all languages of a name share one purpose, and no two names have the same; a name has a
//! language once. These span rows, so whoever changes templates holds their client.

use crate::domain::{
    event::News,
    ids::{ClientId, TemplateId},
    refusal::Refusal,
    rules::template_news::read_over,
    template::{Heard, Purpose, Template, TemplateDefinition},
    time::Timestamp,
    working_set::WorkingSet,
};

/// Takes a definition in that was asked for at `asked`; `id` is for a template that is new. Returns true
/// when something changed.
pub fn merge_definition(
    set: &mut WorkingSet,
    client: ClientId,
    new: &TemplateDefinition,
    asked: Timestamp,
    id: TemplateId,
) -> bool {
    let now = set.now();
    let known = set
        .templates()
        .find(|row| row.definition.name == new.name && row.definition.language == new.language);
    let known = known.map(|row| (row.id, read_over(row, new, asked), &row.definition));
    let known = known.map(|(id, read, known)| (id, (read != *known).then_some(read)));
    let template = match known {
        Some((_, None)) => return false,
        Some((known, Some(read))) => set.change_template(known, |row| {
            if row.definition.meta_id != read.meta_id {
                row.heard = Heard::default();
            }
            row.definition = read;
            row.updated_at = now;
        }),
        None => {
            let row = Template {
                id,
                owner: set.owner().clone(),
                client_id: client,
                definition: new.clone(),
                purpose: inherited(set, &new.name),
                heard: Heard::default(),
                revision: 1,
                created_at: now,
                updated_at: now,
            };
            set.insert_template(row.clone());
            Some(row)
        }
    };
    if let Some(template) = template {
        set.hold_client(client);
        set.tell(News::TemplateUpdated { template });
    }
    true
}

/// The purpose of a template that is new: its name's, else the default of its name when free.
fn inherited(set: &WorkingSet, name: &str) -> Option<Purpose> {
    if let Some(sibling) = set.templates().find(|row| row.definition.name == name) {
        return sibling.purpose;
    }
    let default =
        [Purpose::Initiate, Purpose::Reengage].into_iter().find(|p| p.default_name() == name);
    default.filter(|purpose| set.templates().all(|row| row.purpose != Some(*purpose)))
}

/// Removes what Meta no longer has. Returns how many.
pub fn retire(set: &mut WorkingSet, definitions: &[TemplateDefinition]) -> usize {
    let there: std::collections::HashSet<(&str, &str)> =
        definitions.iter().map(|new| (new.name.as_str(), new.language.as_str())).collect();
    let lost: Vec<Template> = set
        .templates()
        .filter(|row| {
            let key = (row.definition.name.as_str(), row.definition.language.as_str());
            !there.contains(&key)
        })
        .cloned()
        .collect();
    let count = lost.len();
    lost.into_iter().for_each(|template| gone(set, template));
    count
}

/// Removes a template that Meta no longer has.
pub(super) fn gone(set: &mut WorkingSet, mut template: Template) {
    set.hold_client(template.client_id);
    set.drop_template(template.id);
    "DELETED".clone_into(&mut template.definition.status);
    template.revision += 1;
    template.updated_at = set.now();
    set.tell(News::TemplateUpdated { template });
}

/// Gives a purpose to the name of a template, taking it from another name. Returns what changed.
///
/// # Errors
/// [`Refusal::TemplateNotFound`] when the template is not in the set.
pub fn move_purpose(
    set: &mut WorkingSet,
    id: TemplateId,
    purpose: Option<Purpose>,
) -> Result<Vec<Template>, Refusal> {
    let now = set.now();
    let found = set.templates().find(|row| row.id == id).ok_or(Refusal::TemplateNotFound)?;
    let name = found.definition.name.clone();
    let wanted: Vec<(TemplateId, Option<Purpose>)> = set
        .templates()
        .filter_map(|row| {
            let wanted = if row.definition.name == name {
                purpose
            } else {
                row.purpose.filter(|held| Some(*held) != purpose)
            };
            (wanted != row.purpose).then_some((row.id, wanted))
        })
        .collect();
    let changes = wanted.into_iter().filter_map(|(id, purpose)| {
        set.change_template(id, |row| {
            row.purpose = purpose;
            row.updated_at = now;
        })
    });
    let changed: Vec<Template> = changes.collect();
    for template in &changed {
        set.hold_client(template.client_id);
    }
    Ok(changed)
}
