//! What a message says.
//!
//! Invariant: the type is Meta's word and the form fits it; what this version does not understand is
//! kept raw, never dropped.

use serde::{Deserialize, Serialize};

use super::{
    context::is_false,
    ids::{MessageId, Wamid},
};

macro_rules! message_types {
    ($($variant:ident = $word:literal),+ $(,)?) => {
        /// Meta's word for the type of a message.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        #[expect(missing_docs, reason = "the names are Meta's words")]
        pub enum MessageType { $($variant),+ }

        impl MessageType {
            /// Every type.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// Meta's word.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// Reads Meta's word.
            pub fn parse(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}

message_types! {
    Text = "text",
    Image = "image",
    Video = "video",
    Audio = "audio",
    Document = "document",
    Sticker = "sticker",
    Location = "location",
    Contacts = "contacts",
    Interactive = "interactive",
    Button = "button",
    Reaction = "reaction",
    Order = "order",
    System = "system",
    Template = "template",
    RequestWelcome = "request_welcome",
    Unsupported = "unsupported",
}

/// What a message says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "form", rename_all = "snake_case")]
pub enum Content {
    /// Plain text.
    Text(Text),
    /// Image, video, audio, document or sticker.
    Media(Media),
    /// A template, rendered.
    Template(TemplateText),
    /// The answer to a button, a list or a flow; also a template's quick reply.
    Reply(Reply),
    /// An emoji on a message, or its removal.
    Reaction(Reaction),
    /// A place.
    Location(Location),
    /// Meta's own object, for types that need no form of ours.
    Raw(Raw),
    /// Cannot be shown; kept raw.
    Unsupported(Unsupported),
}

/// Plain text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Text {
    /// 1 to 4096 characters when we send it.
    pub text: String,
    /// Ask WhatsApp for a preview of the first link.
    #[serde(default)]
    pub preview_url: bool,
}

/// The kind of a media message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MediaKind {
    /// Picture.
    Image,
    /// Film.
    Video,
    /// Sound or voice note.
    Audio,
    /// Any file.
    Document,
    /// Sticker.
    Sticker,
}

/// Whether the bytes are ours yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MediaState {
    /// Only at Meta.
    Pending,
    /// In our store.
    Stored,
    /// Gone.
    Lost,
}

/// A file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Media {
    /// Its kind.
    pub kind: MediaKind,
    /// Meta's id of the file, valid for 7 days when it came in.
    pub media_id: Option<String>,
    /// As Meta said, for instance `audio/ogg; codecs=opus`.
    pub mime_type: String,
    /// Chosen by the sender: never a path.
    pub filename: Option<String>,
    /// Text below it.
    pub caption: Option<String>,
    /// Bytes, when known.
    pub size: Option<i64>,
    /// Lower-case hex, when known.
    pub sha256: Option<String>,
    /// Whether the bytes are ours yet.
    pub state: MediaState,
    /// Recorded to be listened to, not a file of music.
    #[serde(default, skip_serializing_if = "is_false")]
    pub voice: bool,
    /// A sticker that moves.
    #[serde(default, skip_serializing_if = "is_false")]
    pub animated: bool,
}

/// One filled place of a template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Variable {
    /// Its name; a positional one is named by its number.
    pub name: String,
    /// What stands there.
    pub value: String,
}

/// A template as it was sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemplateText {
    /// The template's name.
    pub name: String,
    /// Its language, for instance `en_US`.
    pub language: String,
    /// In the template's order.
    pub variables: Vec<Variable>,
    /// True when the variables are sent by name.
    pub named: bool,
    /// The body, filled in.
    pub text: String,
}

/// A candidate's answer to something offered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reply {
    /// Meta's word: `button`, `button_reply`, `list_reply`, `nfm_reply`.
    pub kind: String,
    /// Id or payload of the choice.
    pub id: String,
    /// What the candidate saw.
    pub title: String,
    /// A list row's description.
    pub description: Option<String>,
    /// A flow's answers, JSON as sent.
    pub response_json: Option<String>,
}

/// An emoji on a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reaction {
    /// Our id of the message reacted to, when we have it.
    pub message_id: Option<MessageId>,
    /// Meta's id of it.
    pub wamid: Wamid,
    /// Empty: the reaction was taken back.
    pub emoji: String,
}

/// A place.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Location {
    /// Degrees.
    pub latitude: f64,
    /// Degrees.
    pub longitude: f64,
    /// Its name.
    pub name: Option<String>,
    /// Its address.
    pub address: Option<String>,
    /// A page about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// Meta's own object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Raw {
    /// JSON.
    pub json: String,
}

/// A message that cannot be shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unsupported {
    /// Why.
    pub reason: String,
    /// JSON of the message as it came.
    pub raw: String,
}

/// The longest preview, in characters.
const PREVIEW: usize = 120;

impl Content {
    /// One line for a list, at most 120 characters; `kind` names forms that have no words.
    pub fn preview(&self, kind: MessageType) -> String {
        let words = match self {
            Self::Text(Text { text, .. }) => text.as_str(),
            Self::Template(TemplateText { text, .. }) => text.as_str(),
            Self::Media(Media { caption, filename, .. }) => {
                caption.as_deref().or(filename.as_deref()).unwrap_or("")
            }
            Self::Reply(Reply { title, .. }) => title.as_str(),
            Self::Reaction(Reaction { emoji, .. }) => emoji.as_str(),
            Self::Location(Location { name, address, .. }) => {
                name.as_deref().or(address.as_deref()).unwrap_or("")
            }
            Self::Raw(_) | Self::Unsupported(_) => "",
        };
        let line: String =
            words.chars().map(|c| if c.is_control() { ' ' } else { c }).take(PREVIEW).collect();
        if line.trim().is_empty() { format!("[{}]", kind.as_str()) } else { line }
    }
}
