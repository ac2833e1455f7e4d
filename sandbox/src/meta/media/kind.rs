//! The five kinds of files that messages carry: their types, and how large they may be.

/// Meta takes nothing larger from a person.
pub const LARGEST_INBOUND: usize = 100 * MIB;

const KIB: usize = 1 << 10;
const MIB: usize = 1 << 20;

/// A kind of file, under Meta's word for a message of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A photo.
    Image,
    /// A film.
    Video,
    /// A sound; as a voice note OGG with Opus.
    Audio,
    /// Anything else.
    Document,
    /// A WebP picture, still or moving.
    Sticker,
}

const IMAGE: [&str; 2] = ["image/jpeg", "image/png"];
const VIDEO: [&str; 2] = ["video/mp4", "video/3gpp"];
const AUDIO: [&str; 6] =
    ["audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg", "audio/opus"];
const DOCUMENT: [&str; 8] = [
    "text/plain",
    "application/pdf",
    "application/msword",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/vnd.ms-excel",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.ms-powerpoint",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation",
];
const STICKER: [&str; 1] = ["image/webp"];

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 5] =
        [Self::Image, Self::Video, Self::Audio, Self::Document, Self::Sticker];

    /// The kind of a message type, if it carries a file.
    #[must_use]
    pub fn of_message(word: &str) -> Option<Self> {
        match word {
            "image" => Some(Self::Image),
            "video" => Some(Self::Video),
            "audio" => Some(Self::Audio),
            "document" => Some(Self::Document),
            "sticker" => Some(Self::Sticker),
            _ => None,
        }
    }

    /// The kind that an upload of this type becomes; parameters of the type do not matter.
    #[must_use]
    pub fn of_upload(mime_type: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.takes(mime_type))
    }

    /// Whether a business may send a file of this type under this kind.
    #[must_use]
    pub fn takes(self, mime_type: &str) -> bool {
        let essence = mime_type.split(';').next().unwrap_or_default().trim();
        self.types().iter().any(|known| known.eq_ignore_ascii_case(essence))
    }

    /// The types that a business may upload.
    #[must_use]
    pub fn types(self) -> &'static [&'static str] {
        match self {
            Self::Image => &IMAGE,
            Self::Video => &VIDEO,
            Self::Audio => &AUDIO,
            Self::Document => &DOCUMENT,
            Self::Sticker => &STICKER,
        }
    }

    /// The largest that a business may upload.
    #[must_use]
    pub fn largest(self) -> usize {
        match self {
            Self::Image => 5 * MIB,
            Self::Video | Self::Audio => 16 * MIB,
            Self::Document => 100 * MIB,
            Self::Sticker => 500 * KIB,
        }
    }

    /// What a phone sends of this kind when nobody says anything.
    #[must_use]
    pub fn usual_type(self) -> &'static str {
        match self {
            Self::Image => "image/jpeg",
            Self::Video => "video/mp4",
            Self::Audio => "audio/ogg; codecs=opus",
            Self::Document => "application/pdf",
            Self::Sticker => "image/webp",
        }
    }
}
