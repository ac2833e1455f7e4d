//! What Meta says of a template holds as long as it is the newest that is known.

use core_service::domain::{
    account::{TemplateName, TemplateNews, TemplateStatus, TemplateWord},
    client::Client,
    event::News,
    rules::{template_news::take_template_news, templates::merge_definition},
    template::Template,
    time::Timestamp,
    working_set::WorkingSet,
};

use super::account_rules::{after, client};
use crate::kit;

pub fn by_id(meta_id: &str, word: TemplateWord) -> TemplateNews {
    let name = Some(("initiate".to_owned(), "en-US".to_owned()));
    TemplateNews { template: TemplateName { meta_id: Some(meta_id.to_owned()), name }, word }
}

pub fn status(status: &str) -> TemplateWord {
    let (status, rejected_reason) = (status.to_owned(), None);
    TemplateWord::Status(TemplateStatus { status, rejected_reason, category: None, certain: true })
}

/// What is known after news of templates, some of which were read at noon.
pub struct Known {
    client: Client,
    pub template: Option<Template>,
    told: Vec<Template>,
}

pub fn template() -> Template {
    kit::template("initiate", "en_US", None)
}

pub fn heard(before: &Template, news: &[(u64, TemplateNews)]) -> Known {
    let mut set = WorkingSet::new(kit::owner(), after(3_600));
    let mut client = client();
    client.standing.templates_read_at = Some(kit::NOON);
    set.add_client(client);
    set.add_template(before.clone());
    for (at, news) in news {
        let live = set.live_client().unwrap();
        take_template_news(&mut set, &live, after(*at), news);
    }
    let (client, template) = (set.live_client().unwrap(), set.templates().next().cloned());
    let told = set.into_batch(Vec::new()).events.into_iter().map(|event| match event.news {
        News::TemplateUpdated { template } => template,
        other => panic!("{other:?}"),
    });
    Known { client, template, told: told.collect() }
}

#[test]
fn a_status_is_taken_once_and_never_back() {
    let known = heard(
        &template(),
        &[
            (10, by_id("1", status("PAUSED"))),
            (10, by_id("1", status("PAUSED"))),
            (5, by_id("1", status("APPROVED"))),
            (11, by_id("1", status("PAUSED"))),
        ],
    );
    let template = known.template.unwrap();
    assert_eq!((template.definition.status.as_str(), template.is_approved()), ("PAUSED", false));
    assert_eq!((known.told.len(), known.client.standing.is_stale()), (1, false));
    assert_eq!(template.updated_at, after(3_600));
}

#[test]
fn a_template_is_found_by_its_id_and_without_one_by_name_and_language() {
    let mut news = by_id("1", status("PAUSED"));
    news.template.name = Some(("renamed".to_owned(), "xx".to_owned()));
    assert_eq!(heard(&template(), &[(10, news.clone())]).told.len(), 1);
    news.template = TemplateName { meta_id: None, name: Some(("initiate".into(), "EN-us".into())) };
    assert_eq!(heard(&template(), &[(10, news)]).told.len(), 1);
}

#[test]
fn what_is_new_different_or_unclear_is_asked_for() {
    let unclear = |news: TemplateNews, at: u64| {
        let known = heard(&template(), &[(at, news)]);
        (known.told.len(), known.client.standing.is_stale())
    };
    assert_eq!(unclear(by_id("2", status("APPROVED")), 10), (0, true), "another of that name");
    assert_eq!(unclear(by_id("2", TemplateWord::Deleted), 10), (0, true));
    assert_eq!(unclear(by_id("1", TemplateWord::Changed), 10), (0, true));
    let mut unknown = by_id("2", status("APPROVED"));
    unknown.template.name = None;
    assert_eq!(unclear(unknown.clone(), 10), (0, true));
    unknown.word = TemplateWord::Deleted;
    assert_eq!(unclear(unknown, 10), (0, false));
    let usually = TemplateStatus {
        status: "APPROVED".to_owned(),
        rejected_reason: None,
        category: Some("MARKETING".to_owned()),
        certain: false,
    };
    assert_eq!(unclear(by_id("1", TemplateWord::Status(usually)), 10), (1, true));
    // Two words of one second.
    let news = [(10, by_id("1", status("PAUSED"))), (10, by_id("1", status("DISABLED")))];
    let known = heard(&template(), &news);
    assert!(known.client.standing.is_stale());
    assert_eq!(known.template.unwrap().definition.status, "PAUSED");
    let news = [(10, by_id("1", status("APPROVED"))), (10, by_id("1", status("PENDING")))];
    assert!(heard(&template(), &news).template.unwrap().is_approved());
}

#[test]
fn a_template_that_is_deleted_is_gone() {
    let known = heard(&template(), &[(10, by_id("1", TemplateWord::Deleted))]);
    assert!(known.template.is_none() && !known.client.standing.is_stale());
    assert_eq!(known.told[0].definition.status, "DELETED");
}

#[test]
fn what_was_read_later_holds() {
    let mut set = WorkingSet::new(kit::owner(), after(3_600));
    let mut client = client();
    client.standing.templates_read_at = Some(after(1_000));
    set.add_client(client.clone());
    set.add_template(template());
    // Long before it, and maybe after it: the clocks are not the same.
    take_template_news(&mut set, &client, after(1), &by_id("1", status("PAUSED")));
    assert!(!set.live_client().unwrap().standing.is_stale());
    take_template_news(&mut set, &client, after(900), &by_id("1", status("APPROVED")));
    assert!(!set.live_client().unwrap().standing.is_stale(), "it says nothing new");
    take_template_news(&mut set, &client, after(900), &by_id("1", status("PAUSED")));
    assert!(set.live_client().unwrap().standing.is_stale());
    assert!(set.into_batch(Vec::new()).events.is_empty());
}

#[test]
fn a_read_does_not_undo_what_was_said_after_it_was_asked_for() {
    let quality = TemplateWord::Quality("RED".to_owned());
    let news = [(10, by_id("1", status("PAUSED"))), (20, by_id("1", quality))];
    let known = heard(&template(), &news).template.unwrap();
    let merged = |asked: Timestamp, meta_id: &str| {
        let mut set = WorkingSet::new(kit::owner(), after(3_600));
        set.add_client(client());
        set.add_template(known.clone());
        let mut read = template().definition;
        (read.meta_id, read.body) = (meta_id.to_owned(), "Other {{1}}".to_owned());
        assert!(merge_definition(&mut set, client().id, &read, asked, known.id));
        let row = set.templates().next().unwrap();
        let quality = row.definition.quality.clone();
        (row.definition.status.clone(), quality, row.definition.body == read.body)
    };
    let red = Some("RED".to_owned());
    assert_eq!(merged(after(10), "1"), ("PAUSED".to_owned(), red.clone(), true));
    assert_eq!(merged(after(11), "1"), ("APPROVED".to_owned(), red, true));
    assert_eq!(merged(after(21), "1"), ("APPROVED".to_owned(), None, true));
    assert_eq!(merged(after(10), "2"), ("APPROVED".to_owned(), None, true), "another one");
}
