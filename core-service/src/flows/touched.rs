//! Every row that facts may touch, found before they are taken in. Who somebody turns out to be, by what rows
//! say of them, is looked for when it is asked.

use super::clients::live_client;
use crate::{
    domain::{
        account::{AccountNews, Told},
        content::Content,
        context::Context,
        fact::{Amended, Echo, Fact, Inbound, Person, Preference, What},
        ids::{ClientId, MessageId, PhoneNumberId, Wamid},
    },
    store::Footprint,
};

/// What to look for; `named` are the messages that reports name by our own data.
pub(super) fn footprint(
    client: ClientId,
    facts: &[Fact],
    named: &[Option<MessageId>],
) -> Footprint {
    let mut rows = live_client();
    for (fact, named) in facts.iter().zip(named) {
        let Fact { phone_number_id: number, what } = fact;
        let rows = &mut rows;
        match what {
            What::Inbound(inbound) => of_inbound(rows, number, inbound),
            What::Echo(echo) => of_echo(rows, number, echo),
            What::Amended(amended) => {
                let Amended { original, amendment: _ } = &**amended;
                heard(rows, number, original);
            }
            What::Status(report) => {
                heard(rows, number, &report.wamid);
                rows.messages.extend(named);
            }
            What::Preference(Preference { person: who, at: _, stopped: _ }) => {
                person(rows, number, who);
            }
            What::Account(Told { at: _, news }) => match news {
                AccountNews::Template(_) => rows.templates_of = Some(client),
                AccountNews::Withdrawn { app_id: _ } | AccountNews::Said(_) => {}
            },
        }
    }
    rows
}

fn of_inbound(rows: &mut Footprint, number: &PhoneNumberId, inbound: &Inbound) {
    heard(rows, number, &inbound.wamid);
    refers(rows, number, inbound.context.as_deref());
    if let Content::Reaction(reaction) = &inbound.content {
        rows.wamids.push((number.clone(), reaction.wamid.clone()));
    }
    person(rows, number, &inbound.sender);
    if let Some(became) = &inbound.became {
        person(rows, number, became);
    }
}

fn of_echo(rows: &mut Footprint, number: &PhoneNumberId, echo: &Echo) {
    heard(rows, number, &echo.wamid);
    refers(rows, number, echo.context.as_deref());
    person(rows, number, &echo.recipient);
}

/// A message, and what waits for it.
fn heard(rows: &mut Footprint, number: &PhoneNumberId, wamid: &Wamid) {
    rows.wamids.push((number.clone(), wamid.clone()));
    rows.orphans.push((number.clone(), wamid.clone()));
}

fn refers(rows: &mut Footprint, number: &PhoneNumberId, context: Option<&Context>) {
    let answered = context.and_then(|context| context.wamid.as_ref());
    rows.wamids.extend(answered.map(|wamid| (number.clone(), wamid.clone())));
}

fn person(rows: &mut Footprint, number: &PhoneNumberId, person: &Person) {
    rows.identities.extend(person.identities().into_iter().map(|i| (number.clone(), i)));
}
