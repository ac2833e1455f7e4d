//! How a client's account and number stand with Meta: the newest word about each thing, and what has to be
//! read anew.
//!
//! Invariant: one word for each topic. What the words come to does not depend on the order they came in.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{
    account::Said,
    onboarding::{Attention, Concern},
    time::Timestamp,
};

/// How long something is shown that Meta does not take back when it is over.
const SHOWN: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// What a word is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Topic {
    /// Whether the account is disabled.
    Ban,
    /// Whether the number is still Meta's Cloud API's.
    Presence,
    /// Whether it may start conversations.
    Starting,
    /// Whether it may answer in them.
    Answering,
    /// Whatever else it may not do.
    Restriction,
    /// Meta's review of the account.
    Review,
    /// A policy that was violated.
    Violation,
    /// The PIN of the number.
    Pin,
    /// How candidates take the messages.
    Quality,
    /// An alert that cannot wait.
    CriticalAlert,
    /// Whether the wanted name is allowed.
    NameReview,
    /// Any other alert.
    Alert,
    /// The name that candidates see.
    Name,
    /// How many candidates may be written to.
    Limit,
}

impl Topic {
    /// How long a concern about it lasts when Meta names no end; `None`: until it is taken back.
    const fn shown(self) -> Option<Duration> {
        match self {
            Self::Violation | Self::Pin | Self::CriticalAlert | Self::NameReview | Self::Alert => {
                Some(SHOWN)
            }
            Self::Ban
            | Self::Presence
            | Self::Starting
            | Self::Answering
            | Self::Restriction
            | Self::Review
            | Self::Quality
            | Self::Name
            | Self::Limit => None,
        }
    }
}

/// The newest word about something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Word {
    /// When, by Meta's clock.
    pub at: Timestamp,
    /// What.
    pub said: Said,
    /// Its time is over.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub over: bool,
}

impl Word {
    /// When its concern ends by itself.
    fn end(&self) -> Option<Timestamp> {
        self.said.concern?;
        self.said.until.or_else(|| Some(self.at + self.said.topic.shown()?))
    }

    /// True while it is something to look at.
    const fn concerns(&self) -> bool {
        self.said.concern.is_some() && !self.over
    }

    /// What the owner has to look at.
    fn attention(&self) -> Option<Attention> {
        let concern = self.said.concern.filter(|_| !self.over)?;
        let details = self.said.details.clone();
        Some(Attention { concern, details, since: self.at, until: self.end() })
    }
}

/// The later holds. Of two in the same second that one which takes back, as a rule it came second; else the
/// graver.
fn order(at: Timestamp, said: &Said) -> (Timestamp, bool, u8, &Said) {
    (at, said.concern.is_none(), said.concern.map_or(0, Concern::weight), said)
}

/// How a client's account and number stand.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// One word for each topic, by topic.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    words: Vec<Word>,
    /// When the number was last read, since it was connected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number_read_at: Option<Timestamp>,
    /// When the templates were last read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub templates_read_at: Option<Timestamp>,
    /// Since when the number has to be read anew.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number_stale: Option<Timestamp>,
    /// Since when the templates have to be read anew.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub templates_stale: Option<Timestamp>,
}

impl Standing {
    /// True when nothing is known.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// True when something has to be read anew.
    pub const fn is_stale(&self) -> bool {
        self.number_stale.is_some() || self.templates_stale.is_some()
    }

    /// The newest word about something.
    pub fn word(&self, topic: Topic) -> Option<&Word> {
        self.words.iter().find(|word| word.said.topic == topic)
    }

    /// Takes a word in; returns false when a newer one is known, or this one.
    pub fn take(&mut self, at: Timestamp, said: &Said, now: Timestamp) -> bool {
        let known = self.word(said.topic);
        if known.is_some_and(|known| order(known.at, &known.said) >= order(at, said)) {
            return false;
        }
        let mut word = Word { at, said: said.clone(), over: false };
        word.over = word.end().is_some_and(|end| end <= now);
        self.words.retain(|known| known.said.topic != said.topic);
        let place = self.words.partition_point(|known| known.said.topic < said.topic);
        self.words.insert(place, word);
        true
    }

    /// True when something else was said of the same thing in the very same second.
    pub fn is_doubtful(&self, at: Timestamp, said: &Said) -> bool {
        self.word(said.topic).is_some_and(|known| known.at == at && known.said != *said)
    }

    /// When the next concern ends by itself.
    pub fn next_end(&self) -> Option<Timestamp> {
        self.words.iter().filter(|word| !word.over).filter_map(Word::end).min()
    }

    /// Ends the concerns whose time is over.
    pub fn end(&mut self, now: Timestamp) {
        for word in &mut self.words {
            word.over |= word.end().is_some_and(|end| end <= now);
        }
    }

    /// True while nothing can be sent.
    pub fn stops(&self) -> bool {
        let concerns = |topic| self.word(topic).is_some_and(Word::concerns);
        let alone = self.words.iter().filter(|word| word.concerns());
        alone.filter_map(|word| word.said.concern).any(Concern::stops)
            || (concerns(Topic::Starting) && concerns(Topic::Answering))
    }

    /// The gravest thing that the owner has to look at.
    pub fn attention(&self) -> Option<Attention> {
        let attentions = self.words.iter().rev().filter_map(Word::attention);
        attentions.max_by_key(|attention| attention.concern.weight())
    }

    /// What still holds of it once the account was connected again: everything else was read then, or is
    /// refused when it is not so.
    #[must_use]
    pub fn renewed(&self) -> Self {
        let lasts = |word: &&Word| match word.said.topic {
            Topic::Starting | Topic::Answering | Topic::Restriction => word.said.until.is_some(),
            Topic::Ban
            | Topic::Presence
            | Topic::Review
            | Topic::Violation
            | Topic::Pin
            | Topic::Quality
            | Topic::CriticalAlert
            | Topic::NameReview
            | Topic::Alert
            | Topic::Name
            | Topic::Limit => false,
        };
        Self { words: self.words.iter().filter(lasts).cloned().collect(), ..Self::default() }
    }
}
