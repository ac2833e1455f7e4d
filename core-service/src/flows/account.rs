//! Meta told something of the account, the number or a template of a client.

use super::Core;
use crate::domain::{
    account::{AccountNews, Told},
    rules::{account, template_news},
    working_set::WorkingSet,
};

impl Core {
    /// Takes it in for the live client.
    pub(super) fn take_told(&self, set: &mut WorkingSet, told: &Told) {
        let Told { at, news } = told;
        let Some(live) = set.live_client() else { return };
        match news {
            AccountNews::Withdrawn { app_id } => {
                self.take_withdrawal(set, &live, *at, app_id.as_deref());
            }
            AccountNews::Said(said) => account::take_said(set, &live, *at, said),
            AccountNews::Template(news) => {
                template_news::take_template_news(set, &live, *at, news);
            }
        }
    }
}
